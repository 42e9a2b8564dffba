// main.cpp: the program
#include <cstdio>
#include "sheep.hpp"
int main() {
  while (std::getchar() != EOF) std::puts(sheep::count_sheep(3));
}
