// SPDX-License-Identifier: MIT

// The module: how the sparks fly and what they look like. Change it while the program runs; what is
// in the sky stays there.

#include "fireworks.hpp"

#include <algorithm>  // min
#include <cmath>      // cos, sin
#include <utility>    // exchange

namespace {

colour operator+(colour a, colour b) { return {a.red + b.red, a.green + b.green, a.blue + b.blue}; }
colour operator*(float factor, colour a) {
  return {factor * a.red, factor * a.green, factor * a.blue};
}

[[maybe_unused]] colour gold(float hue) { return {1, 0.5F + 0.3F * hue, 0.15F}; }
[[maybe_unused]] colour rainbow(float hue) {
  const auto part = [hue](float of) { return 0.5F + 0.5F * std::cos(6.283F * (hue - of)); };
  return {part(0.5F), part(0.83F), part(0.17F)};
}

// To begin with, change these.

const float gravity = 8;

colour paint(float hue) { return gold(hue); }

float reach(float /*turn*/) { return 1; }

// Evenly from 0 to 1.
float random(show& now) {
  now.random = now.random * 1664525 + 1013904223;
  return static_cast<float>(now.random >> 8) / (1 << 24);
}

void burst(show& now, const spark& rocket) {
  for (int i = 0; i < 72; ++i) {
    const float turn = 6.283F * static_cast<float>(i) / 72;
    const float share = i % 4 == 0 ? 0.3F + 0.5F * random(now) : 0.97F + 0.06F * random(now);
    const float speed = 17 * reach(turn) * share;
    const float seconds = 1.1F + 0.5F * random(now);
    now.sparks.push_back({rocket.x, rocket.y, speed * std::sin(turn), -speed * std::cos(turn),
                          seconds, rocket.hue + 0.15F * random(now), false});
  }
}

// A spark lies between four pixels; one at NaN, which an edit can bring about, lies nowhere.
void shine(show& now, const spark& one, colour light) {
  if (!(one.x >= 0 && one.x < width - 1 && one.y >= 0 && one.y < height - 1)) return;
  const int column = static_cast<int>(one.x), row = static_cast<int>(one.y);
  const float right = one.x - static_cast<float>(column), low = one.y - static_cast<float>(row);
  colour* upper = &now.light[static_cast<unsigned>(row * width + column)];
  colour* lower = upper + width;
  upper[0] = upper[0] + (1 - right) * (1 - low) * light;
  upper[1] = upper[1] + right * (1 - low) * light;
  lower[0] = lower[0] + (1 - right) * low * light;
  lower[1] = lower[1] + right * low * light;
}

colour background(int x, int y, float brightness) {
  const auto hill = [](int at) { return 34.5F + 1.5F * std::sin(static_cast<float>(at) / 8); };
  const char* const sheep[] = {" www  ", "wwwwwf", "wwwww ", " f f  "};
  for (const int place : {7, 16, 51}) {
    const int row = y + 2 - static_cast<int>(hill(place + 3)), column = x - place;
    if (row < 0 || row > 3 || column < 0 || column > 5 || sheep[row][column] == ' ') continue;
    return brightness *
           (sheep[row][column] == 'w' ? colour{0.9F, 0.9F, 0.85F} : colour{0.2F, 0.15F, 0.15F});
  }
  if (static_cast<float>(y) > hill(x)) return brightness * colour{0.10F, 0.42F, 0.16F};
  return static_cast<float>(y) / height * colour{0.09F, 0.08F, 0.24F} + colour{0.02F, 0.02F, 0.07F};
}

}  // namespace

void fireworks::advance(show& now, float seconds) {
  now.seconds += seconds;
  if (now.seconds >= now.next_rocket) {
    now.next_rocket += 0.9F;
    const float x = width * (0.2F + 0.6F * random(now)), speed = 6 * random(now) - 3;
    const float fuse = 0.75F + 0.25F * random(now);
    now.sparks.push_back({x, 36, speed, -28, fuse, random(now), true});
  }
  const std::vector<spark> before = std::exchange(now.sparks, {});
  for (spark each : before) {
    if (!each.is_rocket) {
      each.speed_x -= 1.4F * each.speed_x * seconds;
      each.speed_y += (gravity - 1.4F * each.speed_y) * seconds;
    }
    each.x += each.speed_x * seconds;
    each.y += each.speed_y * seconds;
    each.seconds_left -= seconds;
    if (each.seconds_left > 0) now.sparks.push_back(each);
    if (each.seconds_left <= 0 && each.is_rocket) burst(now, each);
  }
}

void fireworks::draw(show& now) {
  for (colour& each : now.light) each = 0.86F * each;
  for (const spark& each : now.sparks) {
    const float strength = each.is_rocket ? 0.3F : 0.45F * std::min(each.seconds_left, 1.F);
    shine(now, each, strength * (each.is_rocket ? gold(1) : paint(each.hue)));
  }
  const float brightness = std::min(0.4F + 0.004F * static_cast<float>(now.sparks.size()), 1.F);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const unsigned place = static_cast<unsigned>(y * width + x);
      now.picture[place] = now.light[place] + background(x, y, brightness);
    }
  }
}
