// SPDX-License-Identifier: MIT

// The parts of the module under attack. Each is a translation unit of its own, compiled once for
// each build with another STAMP, and holds that stamp in another kind of storage, all over it. A
// library of which some bytes are of another build, or missing, has a part that says so.
//
// STAMP: 1 or greater. KILOBYTES: how large the library is to be, more or less.

#ifndef DYMOD_TESTS_ATTACK_MODULE_PARTS_HPP
#define DYMOD_TESTS_ATTACK_MODULE_PARTS_HPP

namespace parts {

// Each returns the stamp, or 0 if it is not the same everywhere in that part.
int code();       // 1: in the machine code of many functions (.text)
int data();       // 2: in variables (.data)
int constants();  // 3: in constants (.rodata)
int pointers();   // 4: behind tables of functions, and pointers, that the system relocates
int threads();    // 5: in thread_local variables (.tdata)

// Bytes that have the stamp in each sector of a disk.
template <unsigned Bytes> struct sectors {
  struct sector {
    int stamp;
    char rest[508];
  };

  static constexpr unsigned count = Bytes / sizeof(sector);

  constexpr explicit sectors(int stamp) : each{} {
    for (unsigned i = 0; i < count; ++i) each[i].stamp = stamp;
  }

  int check() const volatile {
    const int stamp = each[0].stamp;
    for (unsigned i = 0; i < count; ++i) {
      if (each[i].stamp != stamp) return 0;
    }
    return stamp;
  }

  sector each[count];
};

}  // namespace parts

#endif
