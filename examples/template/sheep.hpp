// sheep.hpp: included by the program and by the module
#pragma once
#include <dymod/dymod.hpp>
DYMOD(sheep, (count_sheep, const char*(int count)))
