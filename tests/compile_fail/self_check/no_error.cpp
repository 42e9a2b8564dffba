// SPDX-License-Identifier: MIT

// For the self-check: no error, though one is expected.
// expect: dymod: this is the message

static_assert(sizeof(int) != 0, "dymod: this is the message");
