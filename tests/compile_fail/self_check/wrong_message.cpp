// SPDX-License-Identifier: MIT

// For the self-check: an error, and an expectation that is deliberately wrong.
// expect: dymod: quite another message

static_assert(sizeof(int) == 0, "dymod: this is the message");
