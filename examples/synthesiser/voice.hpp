// SPDX-License-Identifier: MIT

// What program (main.cpp) and module (voice.cpp) share: the note, which belongs to the program and
// sounds on when the module is replaced, and a module `voice` of one function.

#ifndef VOICE_HPP
#define VOICE_HPP

#include <dymod/dymod.hpp>

#include <array>    // array
#include <cstddef>  // size_t

constexpr std::size_t sample_rate = 48000;
constexpr std::size_t blocks_per_second = 100;

using block = std::array<float, sample_rate / blocks_per_second>;  // each sample from -1 to 1

struct note {
  double frequency;  // in hertz
  double phase;      // where in the wave the next sample is: from 0 to 1, without it
};

DYMOD(voice, (render, void(note& playing, block& out)))

#endif
