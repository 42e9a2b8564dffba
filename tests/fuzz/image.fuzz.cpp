// SPDX-License-Identifier: MIT

// libFuzzer: everything that reads a library which nobody has opened yet, on any bytes. The input
// is a library's file, and once more a description. AddressSanitizer sees a step outside of them;
// what is promised beyond that is asked for with require().

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include <dymod/detail/reload/description.hpp>
#include <dymod/detail/reload/elf.hpp>
#include <dymod/detail/reload/macho.hpp>
#include <dymod/detail/reload/type_comparison.hpp>
#include <dymod/detail/text.hpp>

#include "../support/needed.hpp"

using namespace dymod::detail;

// libFuzzer's own mutations.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

bool is_inside(bytes whole, bytes part) {
  const auto begin = reinterpret_cast<std::uintptr_t>(whole.data);
  const auto at = reinterpret_cast<std::uintptr_t>(part.data);
  return at >= begin && whole.holds(at - begin, part.size);
}

bool is_string_inside(bytes whole, const char* string) {
  const bytes start{reinterpret_cast<const unsigned char*>(string), 1};
  if (!is_inside(whole, start)) return false;
  return std::memchr(string, '\0', static_cast<std::size_t>(whole.data + whole.size - start.data));
}

bool holds_text(bytes whole, const char* text, std::size_t length) {
  const auto* end = whole.data + whole.size;
  return std::search(whole.data, end, text, text + length) != end;
}

const char* after(const char* string) { return string + std::strlen(string) + 1; }

// What is left of a type without the names between marks. Without an end of a name: none, false.
bool take_names_out(const char* type, std::string& left) {
  for (; *type != '\0'; ++type) {
    left += *type;
    if (*type == name_begins) type = std::strchr(type, name_ends);
    if (type == nullptr) return false;
  }
  return true;
}

void compare(const char* left, const char* right) {
  const bool same = same_type(left, right, true);
  const bool alike = same_type(left, right, false);
  require(same == (std::strcmp(left, right) == 0), "one compiler gives one type one text");
  require(same == same_type(right, left, true), "a type is the same from either side");
  require(alike == same_type(right, left, false), "types are alike from either side");
  std::string left_rest;
  std::string right_rest;
  const bool whole = take_names_out(left, left_rest) && take_names_out(right, right_rest);
  require(alike == (whole && left_rest == right_rest), "alike but for the names");
}

void print(const char* type) {
  text words("type ");
  append_type(words, type);
  require(std::strncmp(words.c_str(), "type ", 5) == 0, "text is added at the end");
  require(std::strlen(words.c_str()) == words.size(), "a text ends where it says");
  require(words.size() - 5 <= std::strlen(type), "what people read is not longer");
  for (const char* at = words.c_str(); *at != '\0'; ++at) {
    require(*at != name_begins && *at != name_ends, "people read no marks");
  }
}

void read_description(bytes content) {
  // A block of its own: behind the content there is nothing, not the rest of a file.
  const std::vector<unsigned char> block(content.data, content.data + content.size);
  const bytes whole{block.data(), block.size()};
  description described(whole);
  const char* const format = described.format();
  require(format == nullptr || is_string_inside(whole, format), "the format is a string inside");
  const bool own_format =
      format != nullptr && std::strcmp(format, DYMOD_DETAIL_DESCRIPTION_FORMAT) == 0;
  require(described.readable() == own_format, "one's own format is readable, and no other");

  const description start(described);
  const char* expected = format != nullptr ? after(format) : nullptr;
  const char* previous = "";
  unsigned count = 0;
  unsigned functions = 0;
  record_reader::record each;
  while (described.next(each)) {
    for (const char* string : {each.kind, each.name, each.value}) {
      require(is_string_inside(whole, string), "a record's strings are inside");
    }
    require(*each.kind != '\0', "an empty kind is the end");
    require(expected == nullptr || each.kind == expected, "record stands behind record");
    require(each.name == after(each.kind), "the name stands behind the kind");
    require(each.value == after(each.name), "the value stands behind the name");
    expected = after(each.value);
    if (std::strcmp(each.kind, "function") == 0) ++functions;
    // Not all of them, since that would take quadratic time.
    if (count < 16) {
      const char* found = start.find(each.kind, each.name);
      require(found != nullptr && found <= each.value, "what was read is found, the first of them");
    }
    compare(previous, each.value);
    compare(each.value, each.value);
    print(each.value);
    previous = each.value;
    ++count;
  }
  require(!described.next(each), "behind the end there is nothing");

  description listed(start);
  while (listed.next("function", each)) {
    require(std::strcmp(each.kind, "function") == 0, "only that kind");
    --functions;
  }
  require(functions == 0, "all of that kind");
  const char* absent = start.find("function", "no name of a function");
  require(absent == nullptr || holds_text(whole, "no name of a function", 22),
          "what is not there is not found");
}

void read_complete(bytes file, const elf& image) {
  for (const char* name : {"dymod_description_sheep", "dymod_module_sheep", "absent", ""}) {
    bytes content;
    std::uint64_t address = 0;
    const bool function = image.find_function(name, address);
    const bool symbol = image.find_symbol(name, content);
    require(symbol || !function, "a function is a symbol");
    if (!symbol) continue;
    require(holds_text(file, name, std::strlen(name) + 1), "a symbol's name is in the file");
    require(content.size == 0 || is_inside(file, content), "a symbol's content is in the file");
    read_description(content);
  }
  for (const char* prefix : {"libasan.so", "libclang_rt.asan", "lib", ""}) {
    const char* needed = needed_by(image, prefix);
    if (needed == nullptr) continue;
    require(is_string_inside(file, needed), "a needed library's name is a string in the file");
    require(std::strncmp(needed, prefix, std::strlen(prefix)) == 0, "it begins as asked for");
  }
  for (const char* name :
       {image.needs_file("libm.so"), image.find_unique([](const char*) { return true; })}) {
    require(name == nullptr || is_string_inside(file, name), "a name is a string in the file");
  }
  require(!image.has_static_thread_local() || image.has_thread_local(),
          "only thread-local objects have a model");
  unsigned references = 0;
  image.for_each_open_reference([&](const elf::open_reference& each) {
    require(is_string_inside(file, each.name), "a symbol's name is a string in the file");
    return ++references < 1000;
  });
  require(references <= 1000, "who has seen enough is asked no more");
}

template <class Image, class Target> completeness judge(Image& image, const Target& target) {
  text why;
  const completeness answer = image.check(target, why);
  require((answer == completeness::complete) == why.empty(), "a flaw has words, and only a flaw");
  return answer;
}

// For all programs there may be, so that the input chooses word size and byte order by its header.
void read_image(bytes file) {
  unsigned fitting = 0;
  for (const unsigned word_size : {4u, 8u}) {
    for (const bool big_endian : {false, true}) {
      elf image(file);
      if (judge(image, elf_target{word_size, big_endian, 0}) != completeness::complete) continue;
      ++fitting;
      const unsigned machine =
          file.data[18] * (big_endian ? 256u : 1u) + file.data[19] * (big_endian ? 1u : 256u);
      require(judge(image, elf_target{word_size, big_endian, machine}) == completeness::complete,
              "a library fits its own processor");
      require(judge(image, elf_target{word_size, big_endian, machine % 0xffff + 1}) ==
                  completeness::garbage,
              "a library fits no other processor");
      read_complete(file, image);
    }
  }
  require(fitting <= 1, "a library fits one kind of program");
}

void read_complete(bytes file, const macho& image) {
  for (const char* name : {"dymod_description_sheep", "dymod_module_sheep", "absent", ""}) {
    bytes content;
    if (!image.find_symbol(name, content)) continue;
    require(content.size == 0 || is_inside(file, content), "a symbol's content is in the file");
    read_description(content);
  }
  for (const char* name : {needed_by(image, "libclang_rt.asan"), needed_by(image, ""),
                           image.needs_file("libm.dylib")}) {
    require(name == nullptr || is_string_inside(file, name), "a name is a string in the file");
  }
  static_cast<void>(image.has_thread_local());
}

// For each program there may be.
void read_macho(bytes file) {
  for (const std::uint32_t processor : {0u, 0x01000007u, 0x0100000cu}) {
    for (const bool signed_pointers : {false, true}) {
      macho image(file);
      if (judge(image, macho_target{processor, signed_pointers}) != completeness::complete) {
        continue;
      }
      elf other(file);
      require(judge(other, elf_target{8, false, 0}) == completeness::garbage,
              "a library is of one system");
      read_complete(file, image);
    }
  }
}

// A number of the file's headers and tables, more or less: most stand at multiples of 2 from one of
// these places.
std::size_t place_of_number(std::size_t size, std::minstd_rand& random) {
  constexpr std::size_t reach = 1024;
  std::size_t start = 0;
  if (random() % 2 == 0) start = size - std::min(size, reach);  // where section headers are
  return start + random() % (std::min(size, reach) / 2) * 2;
}

// What such a number is likely to go wrong with: limits, sizes, and what stands elsewhere.
std::uint64_t telling_number(std::size_t size, std::minstd_rand& random) {
  const std::uint64_t near_by = random() % 9 - 4;
  switch (random() % 6) {
    case 0: return random() % 16;
    case 1: return size + near_by;
    case 2: return random() % size;
    case 3: return (std::uint64_t{1} << random() % 64) + near_by;
    case 4: return size / 64 + near_by;
    default: return near_by;
  }
}

}  // namespace

// Every other time what libFuzzer does by itself; else a few numbers of the headers together, since
// many a mistake needs two that are odd, and one alone leads nowhere new.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed) {
  std::minstd_rand random(seed);
  if (size < 64 || random() % 2 == 0) return LLVMFuzzerMutate(data, size, max_size);
  const bool big_endian = data[5] == 2;
  for (auto count = random() % 3 + 1; count > 0; --count) {
    const std::size_t at = place_of_number(size, random);
    const std::uint64_t value = telling_number(size, random);
    const std::size_t width = std::min(size - at, std::size_t{2} << random() % 3);
    for (std::size_t i = 0; i < width; ++i) {
      data[at + (big_endian ? width - 1 - i : i)] = static_cast<std::uint8_t>(value >> (i * 8));
    }
  }
  return size;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const bytes input{data, size};
  read_image(input);
  read_macho(input);
  read_description(input);
  return 0;
}
