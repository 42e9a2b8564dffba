// SPDX-License-Identifier: MIT

// The program: a note, rendered in the time that it takes to sound, into a WAV file, which is its
// argument: no sound card is needed, and it is heard afterwards, by any player. Each line of input
// (press Enter) takes over what the module has become meanwhile, and the note goes on; the end of
// input (Ctrl-D) ends it at the next full second. Three threads, as with a sound card:
//
//   audio    renders block after block in time, and must wait for nobody. It never looks for a new
//            build (CMakeLists.txt defines DYMOD_AUTO_RELOAD=0): its call is a jump through a
//            pointer, and in some block that leads to the new code.
//   control  main(): loads the module before there is an audio thread, whose first call would do it
//            otherwise. Later voice::reload() does here all that takes time: looks at the file,
//            copies, judges and opens it.
//   disk     writes what was rendered.
//
// The phase of the note is the program's: the new code goes on where the old one stopped. The jump
// from one timbre to the other can be heard; who minds has both sound for a moment, in one module.

#include <algorithm>  // clamp
#include <atomic>     // atomic
#include <chrono>     // steady_clock, milliseconds
#include <cmath>      // lround
#include <cstdint>    // uint32_t
#include <cstdio>     // FILE and its functions, getchar, perror, printf
#include <thread>     // thread, sleep_for, sleep_until

#include "voice.hpp"

namespace {

constexpr std::chrono::milliseconds block_time{1000 / blocks_per_second};

// Blocks on their way from the audio thread to the disk: one fills them, one empties them.
struct tape {
  std::array<block, 10 * blocks_per_second> blocks;
  std::atomic<std::size_t> rendered{0};  // blocks
  std::atomic<std::size_t> written{0};
  std::atomic<bool> is_to_end{false};
  std::atomic<bool> has_ended{false};
};

thread_local const char* this_thread_is = "control";

void tell(const dymod::event& news, void*) {
  std::fprintf(stderr, "dymod, %s thread: %s: %s\n", this_thread_is, news.module, news.message);
}

void play(tape& to) {
  this_thread_is = "audio";
  note playing{440, 0};
  auto due = std::chrono::steady_clock::now();
  while (!to.is_to_end || to.rendered % blocks_per_second != 0) {
    // If the disk is ten seconds behind: a pause, of which the file knows nothing.
    if (to.rendered - to.written < to.blocks.size()) {
      voice::render(playing, to.blocks[to.rendered % to.blocks.size()]);
      ++to.rendered;
    }
    due += block_time;
    std::this_thread::sleep_until(due);
  }
  to.has_ended = true;
}

void put(std::uint32_t value, int bytes, std::FILE* file) {
  for (; bytes > 0; --bytes, value >>= 8) std::fputc(static_cast<int>(value & 255), file);
}

void put_header(std::size_t samples, std::FILE* file) {
  const std::uint32_t size = static_cast<std::uint32_t>(2 * samples);
  std::fputs("RIFF", file);
  put(36 + size, 4, file);
  std::fputs("WAVEfmt ", file);
  put(16, 4, file);
  put(1, 2, file);  // samples are numbers
  put(1, 2, file);  // mono
  put(sample_rate, 4, file);
  put(2 * sample_rate, 4, file);
  put(2, 2, file);
  put(16, 2, file);  // bits
  std::fputs("data", file);
  put(size, 4, file);
}

void write(tape& from, std::FILE* file) {
  this_thread_is = "disk";
  for (;;) {
    const bool has_ended = from.has_ended;  // before it is known how many there are
    if (from.written == from.rendered) {
      if (has_ended) return;
      std::this_thread::sleep_for(block_time);
      continue;
    }
    for (const float sample : from.blocks[from.written % from.blocks.size()]) {
      const long value = std::lround(32767 * std::clamp(sample, -1.0F, 1.0F));
      put(static_cast<std::uint32_t>(value), 2, file);
    }
    ++from.written;
  }
}

}  // namespace

int main(int count, char** arguments) {
  const char* const name = count > 1 ? arguments[1] : "note.wav";
  std::FILE* const file = std::fopen(name, "wb");
  if (file == nullptr) {
    std::perror(name);
    return 1;
  }
  put_header(0, file);
  dymod::set_event_handler(tell);
  voice::reload();

  static tape running;
  std::thread audio([] { play(running); });
  std::thread disk([file] { write(running, file); });
  for (int key = std::getchar(); key != EOF; key = std::getchar()) {
    if (key != '\n') continue;
    voice::reload();
    std::printf("%zu samples, generation %u\n", running.rendered * block().size(),
                voice::library.generation());
    std::fflush(stdout);
  }
  running.is_to_end = true;
  audio.join();
  disk.join();

  std::rewind(file);
  put_header(running.written * block().size(), file);
  const bool failed = std::ferror(file) != 0;
  if (std::fclose(file) != 0 || failed) {
    std::perror(name);
    return 1;
  }
  std::printf("%zu samples in %s\n", running.written * block().size(), name);
}
