// SPDX-License-Identifier: MIT

// For the self-check: an error, and the right expectation.
// expect: dymod: this is the message

static_assert(sizeof(int) == 0, "dymod: this is the message");
