// SPDX-License-Identifier: MIT

// The program: it owns the show, and has the module advance and draw it sixty times a second.
//
//   meadow    until Ctrl-C; needs a terminal of 72 by 21 cells that knows true colours
//   meadow -  without a terminal or pauses: as many frames as each number in its input says, and in
//             words where the sparks are by then; 0 ends it

#include <chrono>   // steady_clock, nanoseconds
#include <cmath>    // fmax, fmin
#include <csignal>  // signal, sig_atomic_t
#include <cstdio>   // fflush, fputs, printf, scanf
#include <string>   // string, to_string
#include <thread>   // sleep_until

#include "fireworks.hpp"

namespace {

constexpr int frames_per_second = 60;

volatile std::sig_atomic_t is_over = 0;

// In place of stderr, which is the same terminal.
void keep_words(const dymod::event& news, void* words) {
  const bool is_good =
      news.kind == dymod::event_kind::loaded || news.kind == dymod::event_kind::reloaded;
  *static_cast<std::string*>(words) = is_good ? "" : news.message;
}

std::string digits(colour of) {
  std::string text;
  for (const float part : {of.red, of.green, of.blue}) {
    text += ";" + std::to_string(static_cast<int>(255 * std::fmin(std::fmax(part, 0.F), 1.F)));
  }
  return text;
}

// Two pixels to a cell: the upper one is a half block, the lower one its background.
std::string cells(const std::vector<colour>& picture) {
  std::string text = "\x1b[H";
  for (unsigned row = 0; row < height; row += 2) {
    std::string before;
    for (unsigned column = 0; column < width; ++column) {
      const unsigned place = row * width + column;
      const std::string now =
          "\x1b[38;2" + digits(picture[place]) + ";48;2" + digits(picture[place + width]) + "m";
      if (now != before) text += now;
      before = now;
      text += "\u2580";
    }
    text += "\x1b[0m\n";
  }
  return text;
}

std::string next_frame(show& now) {
  fireworks::advance(now, 1.F / frames_per_second);
  fireworks::draw(now);
  return cells(now.picture);
}

// Without a terminal: as many frames as its input says, again and again.
int run_unseen(show& now) {
  for (unsigned frames = 0; std::scanf("%u", &frames) == 1 && frames > 0;) {
    for (unsigned i = 0; i < frames; ++i) std::fputs(next_frame(now).c_str(), stdout);
    const spark oldest = now.sparks.empty() ? spark{} : now.sparks.front();
    std::printf("%.2f s: %zu sparks, the oldest at %.3f %.3f\n", now.seconds, now.sparks.size(),
                oldest.x, oldest.y);
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace

int main(int argc, char**) {
  show now;
  if (argc > 1) return run_unseen(now);
  std::string words;
  dymod::set_event_handler(keep_words, &words);
  for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, [](int) { is_over = 1; });
  std::printf("\x1b[?1049h\x1b[?25l");  // another screen, without a cursor
  auto next = std::chrono::steady_clock::now();
  while (is_over == 0) {
    const std::string frame = next_frame(now);
    std::printf("%s%.1f s, generation %u", frame.c_str(), now.seconds,
                fireworks::library.generation());
    std::printf("  %.*s\x1b[K", width - 24, words.substr(0, words.find('\n')).c_str());
    std::fflush(stdout);
    std::this_thread::sleep_until(next += std::chrono::nanoseconds(1000000000 / frames_per_second));
  }
  std::printf("\x1b[?25h\x1b[?1049l%s", words.c_str());  // as it was
}
