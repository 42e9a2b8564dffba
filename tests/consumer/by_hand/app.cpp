// SPDX-License-Identifier: MIT

// Prints the answer of one module.

#include "sheep.hpp"

#include <cstdio>  // printf

int main() { std::printf("sheep %d\n", sheep::update(1)); }
