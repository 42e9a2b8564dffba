// SPDX-License-Identifier: MIT

// The module in Rust. A panic must not leave a function that C++ has called: it ends the program
// (panic=abort).

#[repr(C)]
pub struct Shore {
    waves: i32,
    crab: i32, // metres from the rock
}

#[no_mangle]
pub extern "C" fn crabs_walk(here: &mut Shore) {
    here.crab += 2;
}
