// SPDX-License-Identifier: MIT

// What program (main.cpp) and module (fireflies.cpp) share. The swarm belongs to the program, and
// so do window and renderer: both sides use one SDL.

#ifndef FIREFLIES_HPP
#define FIREFLIES_HPP

#include <dymod/dymod.hpp>

#include <SDL.h>

#include <vector>  // vector

constexpr int width = 800;
constexpr int height = 500;

struct firefly {
  float x, y, speed_x, speed_y;  // pixels from the top left, and pixels per second
  float phase;                   // each blinks and wanders in its own time
};

struct swarm {
  std::vector<firefly> flies;
  float seconds = 0;
  SDL_FPoint flower = {400, 300};  // what attracts them: the pointer
};

DYMOD(fireflies, (advance, void(swarm& all, float seconds)),
      (draw, void(const swarm& all, SDL_Renderer& renderer)))

#endif
