// SPDX-License-Identifier: MIT

// What program (main.cpp) and module (fireworks.cpp) share. Everything that has to outlive a reload
// is in `show`, which belongs to the program.

#ifndef FIREWORKS_HPP
#define FIREWORKS_HPP

#include <dymod/dymod.hpp>

#include <vector>  // vector

constexpr int width = 72;  // in pixels; a cell of the terminal is two, one above the other
constexpr int height = 40;

struct colour {
  float red, green, blue;  // 0 to 1
};

struct spark {
  float x, y, speed_x, speed_y;  // pixels from the top left, and pixels per second
  float seconds_left;
  float hue;       // 0 to 1
  bool is_rocket;  // bursts when its time is over
};

struct show {
  std::vector<spark> sparks;
  float seconds = 0;
  float next_rocket = 0;  // when
  unsigned random = 1;
  std::vector<colour> light = std::vector<colour>(width * height);  // of sparks, also of gone ones
  std::vector<colour> picture = std::vector<colour>(width * height);  // what is to be seen
};

DYMOD(fireworks, (advance, void(show& now, float seconds)), (draw, void(show& now)))

#endif
