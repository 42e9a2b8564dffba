// SPDX-License-Identifier: MIT

// Something to compile; these projects are only configured.

int main() {}
