// SPDX-License-Identifier: MIT

// A part of the module wolf, added to the target after it was made.

int teeth();
int teeth() { return 1000; }
