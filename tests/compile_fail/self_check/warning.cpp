// SPDX-License-Identifier: MIT

// For the self-check: compiles, but not without a warning.

int narrow(long number) { return number; }
