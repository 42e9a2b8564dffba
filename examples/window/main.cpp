// SPDX-License-Identifier: MIT

// The program: it owns window, renderer and swarm, and has the module advance and draw it.
//
//   dusk    until the window is closed; the fireflies follow the pointer
//   dusk -  as many frames as each number in its input says, without pauses, and in words what the
//           window then shows; 0 ends it. SDL_VIDEODRIVER=dummy does without a screen

#define SDL_MAIN_HANDLED  // main() is the one below

#include <algorithm>  // clamp, min
#include <cstdio>     // printf, fprintf, scanf, fflush
#include <cstdlib>    // EXIT_FAILURE
#include <vector>     // vector

#include "fireflies.hpp"

namespace {

void show_frame(swarm& all, SDL_Renderer& renderer, float seconds) {
  fireflies::advance(all, seconds);
  fireflies::draw(all, renderer);
}

bool is_over(swarm& all) {
  for (SDL_Event event; SDL_PollEvent(&event) != 0;) {
    if (event.type == SDL_QUIT) return true;
    if (event.type != SDL_MOUSEMOTION) continue;
    all.flower = {static_cast<float>(event.motion.x), static_cast<float>(event.motion.y)};
  }
  return false;
}

// Of the pixels, as they are read back: their mean, and the one below the first of the fireflies.
void describe(const swarm& all, SDL_Renderer& renderer) {
  std::vector<Uint8> bytes(4 * width * height);
  if (SDL_RenderReadPixels(&renderer, nullptr, SDL_PIXELFORMAT_RGBA32, bytes.data(), 4 * width) !=
      0) {
    std::printf("no pixels: %s\n", SDL_GetError());
    return;
  }
  double mean[4] = {};
  for (std::size_t i = 0; i < bytes.size(); ++i) mean[i % 4] += 1.0 * bytes[i] / (width * height);
  const firefly& first = all.flies.front();
  const auto column = static_cast<std::size_t>(std::clamp(first.x, 0.F, width - 1.F));
  const auto row = static_cast<std::size_t>(std::clamp(first.y, 0.F, height - 1.F));
  const Uint8* pixel = &bytes[4 * (row * width + column)];
  std::printf("%.2f s: mean %.1f %.1f %.1f, first at %.2f %.2f is %d %d %d\n", all.seconds, mean[0],
              mean[1], mean[2], first.x, first.y, pixel[0], pixel[1], pixel[2]);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char**) {
  swarm all;
  for (int i = 0; i < 140; ++i) {
    const float place = static_cast<float>(i);
    all.flies.push_back({width / 2 + 2.5F * (place - 70), static_cast<float>(150 + i * 61 % 250), 0,
                         0, 0.37F * place});
  }
  SDL_Window* window = nullptr;
  SDL_Renderer* renderer = nullptr;
  if (SDL_Init(SDL_INIT_VIDEO) == 0) {
    window =
        SDL_CreateWindow("dusk", SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED, width, height, 0);
  }
  if (window != nullptr)
    renderer = SDL_CreateRenderer(window, -1,
                                  argc > 1 ? SDL_RENDERER_SOFTWARE : SDL_RENDERER_PRESENTVSYNC);
  if (renderer == nullptr) {
    std::fprintf(stderr, "no window: %s\n", SDL_GetError());
    return EXIT_FAILURE;
  }
  if (argc > 1) {
    for (unsigned frames = 0; std::scanf("%u", &frames) == 1 && frames > 0;) {
      for (unsigned i = 0; i < frames; ++i) show_frame(all, *renderer, 1.F / 60);
      describe(all, *renderer);
    }
  } else {
    for (Uint32 before = SDL_GetTicks(); !is_over(all);) {
      const Uint32 now = SDL_GetTicks();
      show_frame(all, *renderer, static_cast<float>(std::min(now - before, 50U)) / 1000);
      SDL_RenderPresent(renderer);
      before = now;
    }
  }
  SDL_DestroyRenderer(renderer);
  SDL_DestroyWindow(window);
  SDL_Quit();
}
