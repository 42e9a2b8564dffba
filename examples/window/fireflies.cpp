// SPDX-License-Identifier: MIT

// The module: how the fireflies fly and what they look like. Change it while the program runs; all
// of them stay where they are.

#include "fireflies.hpp"

#include <cmath>  // cos, fmax, fmin, hypot, sin

namespace {

// To begin with, change these.

const SDL_Color glow = {200, 255, 70, 255};

const float radius = 26;

float brightness(float time) { return 0.55F + 0.45F * std::sin(time); }

const float pull = 90;  // pixels per second, each second

SDL_Color faded(SDL_Color of, float part) {
  of.a = static_cast<Uint8>(static_cast<float>(of.a) * std::fmax(0.F, std::fmin(part, 1.F)));
  return of;
}

// All is drawn as triangles with a colour in each corner. They have the first corner in common.
void fan(SDL_Renderer& renderer, const std::vector<SDL_Vertex>& corners) {
  std::vector<int> order;
  for (int i = 2; i < static_cast<int>(corners.size()); ++i)
    order.insert(order.end(), {0, i - 1, i});
  SDL_RenderGeometry(&renderer, nullptr, corners.data(), static_cast<int>(corners.size()),
                     order.data(), static_cast<int>(order.size()));
}

void draw_meadow(SDL_Renderer& renderer) {
  const SDL_Color zenith = {8, 10, 34, 255}, horizon = {74, 50, 92, 255};
  fan(renderer, {{{0, 0}, zenith, {}},
                 {{width, 0}, zenith, {}},
                 {{width, 400}, horizon, {}},
                 {{0, 400}, horizon, {}}});
  for (int hill = 0; hill < 3; ++hill) {
    const float distance = static_cast<float>(2 - hill);
    const SDL_Color top = {10, static_cast<Uint8>(34 + 12 * distance),
                           static_cast<Uint8>(30 + 14 * distance), 255};
    std::vector<SDL_Vertex> corners = {{{width / 2, 4 * height}, {0, 10, 12, 255}, {}}};
    for (float x = -100; x <= width + 100; x += 10) {
      const float y = 430 - 45 * distance + 22 * std::sin(x / (130 - 20 * distance) + 2 * distance);
      corners.push_back({{x, y}, top, {}});
    }
    fan(renderer, corners);
  }
}

void draw_light(SDL_Renderer& renderer, const firefly& one, SDL_Color light, float size) {
  std::vector<SDL_Vertex> corners = {{{one.x, one.y}, light, {}}};
  for (int i = 0; i <= 16; ++i) {
    const float turn = 6.2832F * static_cast<float>(i) / 16;
    corners.push_back(
        {{one.x + size * std::cos(turn), one.y + size * std::sin(turn)}, faded(light, 0), {}});
  }
  fan(renderer, corners);
}

}  // namespace

void fireflies::advance(swarm& all, float seconds) {
  all.seconds += seconds;
  for (firefly& each : all.flies) {
    const float time = all.seconds + 7 * each.phase;
    const float x = all.flower.x - each.x, y = all.flower.y - each.y;
    const float distance = std::hypot(x, y) + 60;
    each.speed_x +=
        (pull * x / distance + 160 * std::sin(1.3F * time) - 0.6F * each.speed_x) * seconds;
    each.speed_y +=
        (pull * y / distance + 160 * std::cos(1.7F * time) - 0.6F * each.speed_y) * seconds;
    each.x += each.speed_x * seconds;
    each.y += each.speed_y * seconds;
  }
}

void fireflies::draw(const swarm& all, SDL_Renderer& renderer) {
  SDL_SetRenderDrawBlendMode(&renderer, SDL_BLENDMODE_NONE);
  draw_meadow(renderer);
  SDL_SetRenderDrawBlendMode(&renderer, SDL_BLENDMODE_ADD);
  for (const firefly& each : all.flies) {
    const float light = brightness(3 * all.seconds + 7 * each.phase);
    draw_light(renderer, each, faded(glow, 0.45F * light), radius);
    draw_light(renderer, each, faded(glow, light), radius / 4);
  }
}
