// sheep.cpp: the module
#include "sheep.hpp"
const char* sheep::count_sheep(int count) { return count == 1 ? "one sheep" : "many sheep"; }
