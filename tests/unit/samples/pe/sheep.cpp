// SPDX-License-Identifier: MIT

// What the libraries beside this file are made from, small enough to be kept here:
//
//     clang++ --target=x86_64-w64-windows-gnu -std=c++20 -O1 -gcodeview -nostdlib -shared -fuse-ld=lld sheep.cpp
//       -lkernel32 -Wl,--pdb=sheep.pdb -Wl,--no-insert-timestamp
//       '-Wl,-Xlink=-pdbaltpath:C:\a folder of the build\sheep.pdb' -o clang-x86-64.dll          (clang and lld 19)
//     x86_64-w64-mingw32-g++ -std=c++20 -O1 -s -nostdlib -shared sheep.cpp -lkernel32
//       -Wl,-e,DllMainCRTStartup -Wl,--no-insert-timestamp -o gnu-x86-64.dll                     (g++ 12, GNU ld 2.40)
//     i686-w64-mingw32-g++ … -Wl,-e,_DllMainCRTStartup@12 … -o gnu-i686.dll

extern "C" __declspec(dllimport) unsigned long __stdcall GetCurrentProcessId();

extern "C" __declspec(dllexport) constinit const char dymod_description_sheep[] =
    "dymod description\0"
    "2\0"
    "abi\0the size of pointers\0"
    "64 bits\0"
    "function\0answer\0int()\0";

static int number = 4;
static int* volatile where = &number;  // an address: to be relocated

extern "C" __declspec(dllexport) int answer() {
  return *where + static_cast<int>(GetCurrentProcessId() != 0);
}

extern "C" int __stdcall DllMainCRTStartup(void*, unsigned, void*) { return 1; }
