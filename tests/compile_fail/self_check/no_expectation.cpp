// SPDX-License-Identifier: MIT

// For the self-check: an error, and nothing said about which.

static_assert(sizeof(int) == 0, "dymod: this is the message");
