// SPDX-License-Identifier: MIT

// A part of the module wolf, added to the target after it was made.

int tail();
int tail() { return 2000; }
