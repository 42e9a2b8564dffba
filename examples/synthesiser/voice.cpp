// SPDX-License-Identifier: MIT

// The module: how a note sounds. It runs on the audio thread, so that it takes no lock, no memory
// and no file, as it would in any synthesiser.

#include "voice.hpp"

#include <cmath>  // sin

namespace {

constexpr double turn = 6.283185307179586;

double wave(double phase) {
  return 0.5 * std::sin(turn * phase);  // the timbre
}

}  // namespace

void voice::render(note& playing, block& out) {
  for (float& sample : out) {
    sample = static_cast<float>(wave(playing.phase));
    playing.phase += playing.frequency / sample_rate;
    if (playing.phase >= 1) playing.phase -= 1;
  }
}
