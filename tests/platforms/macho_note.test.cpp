// SPDX-License-Identifier: MIT

// How the binaries of a process find each other on macOS, with a process that is made up: its
// binaries are a header and the bytes of a section each.

#include <dlfcn.h>           // Dl_info, RTLD_NOLOAD
#include <mach-o/dyld.h>     // _dyld_image_count
#include <mach-o/getsect.h>  // getsectiondata

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "support/catch.hpp"

namespace {

struct fake_binary {
  const char* path = nullptr;
  std::vector<std::uint32_t> notes;
  bool gone = false;  // unloaded since it was counted
  mach_header_64 header{};
};

std::vector<fake_binary> process;
int opened = 0;  // more often than closed

fake_binary* find_header(const void* header) {
  for (fake_binary& each : process) {
    if (!each.gone && &each.header == header) return &each;
  }
  return nullptr;
}

int fake_dladdr(const void* address, Dl_info* found) {
  fake_binary* const binary = find_header(address);
  if (binary == nullptr) return 0;
  *found = Dl_info{};
  found->dli_fname = binary->path;
  found->dli_fbase = &binary->header;
  return 1;
}

// The handle of a library is not its header.
void* handle_of(fake_binary& binary) { return &binary.notes; }

void* fake_dlopen(const char* path, int mode) {
  REQUIRE((mode & RTLD_NOLOAD) != 0);
  for (fake_binary& each : process) {
    if (std::strcmp(each.path, path) != 0) continue;
    ++opened;
    return handle_of(each);
  }
  return nullptr;
}

int fake_dlclose(void*) {
  --opened;
  return 0;
}

}  // namespace

std::uint32_t _dyld_image_count() { return static_cast<std::uint32_t>(process.size()); }

const mach_header* _dyld_get_image_header(std::uint32_t number) {
  if (number >= process.size()) return nullptr;
  return reinterpret_cast<const mach_header*>(&process[number].header);
}

std::uint8_t* getsectiondata(const mach_header_64* header, const char* segment, const char* section,
                             unsigned long* size) {
  fake_binary* const binary = find_header(header);
  REQUIRE(binary != nullptr);
  CHECK(std::string(segment) + "," + section == "__DATA,__dymod");
  if (binary->notes.empty()) return nullptr;
  *size = binary->notes.size() * sizeof(std::uint32_t);
  return reinterpret_cast<std::uint8_t*>(binary->notes.data());
}

#define dladdr fake_dladdr
#define dlopen fake_dlopen
#define dlclose fake_dlclose
#include <dymod/detail/os/macho_note.hpp>
#undef dladdr
#undef dlopen
#undef dlclose

using dymod::detail::text;
using dymod::detail::os::macho_note;

namespace {

constexpr std::uint32_t layout = DYMOD_DETAIL_BINARY_LAYOUT;

// A distance counts from its own place.
const void* place_behind(const fake_binary& binary, std::size_t note, int distance) {
  return reinterpret_cast<const char*>(&binary.notes[note * 2 + 1]) + distance;
}

// A program, a library without dymod, one with, and the copy of a module.
void make_process() {
  opened = 0;
  process.assign(4, fake_binary{});
  for (fake_binary& each : process) each.header.filetype = 6;  // MH_DYLIB
  process[0].header.filetype = MH_EXECUTE;
  process[0].path = "/home/program";
  process[1].path = "/usr/lib/libc++.1.dylib";
  process[2].path = "/home/libherd.dylib";
  process[2].notes = {layout, 8};
  process[3].path = "/private/tmp/libsheep.so.dymod-0123456789abcdef-1";
  process[3].notes = {layout, static_cast<std::uint32_t>(-64)};
}

}  // namespace

TEST_CASE("macho_note: finds the first binary that uses dymod", "[macho_note]") {
  make_process();
  macho_note::first found = macho_note::find_first();
  CHECK(found.place == place_behind(process[2], 0, 8));
  CHECK(std::string(found.name.c_str()) == "/home/libherd.dylib");

  process[0].notes = {layout, 16};
  found = macho_note::find_first();
  CHECK(found.place == place_behind(process[0], 0, 16));
  CHECK(found.name.empty());

  make_process();
  for (fake_binary& each : process) each.notes.clear();
  CHECK(macho_note::find_first().place == nullptr);
}

TEST_CASE("macho_note: leaves other versions of dymod alone", "[macho_note]") {
  make_process();
  process[2].notes = {layout + 1, 8};
  CHECK(macho_note::find_first().place == place_behind(process[3], 0, -64));
  process[2].notes = {layout - 1, 8, layout, 24};
  CHECK(macho_note::find_first().place == place_behind(process[2], 1, 24));
}

TEST_CASE("macho_note: finds what an open library names", "[macho_note]") {
  make_process();
  CHECK(macho_note::find_in(handle_of(process[3])) == place_behind(process[3], 0, -64));
  CHECK(macho_note::find_in(handle_of(process[2])) == place_behind(process[2], 0, 8));
  CHECK(macho_note::find_in(handle_of(process[1])) == nullptr);
  CHECK(macho_note::find_in(&process) == nullptr);
  CHECK(opened == 0);
}

TEST_CASE("macho_note: knows binaries by their paths, but not the program", "[macho_note]") {
  make_process();
  text name;
  CHECK(macho_note::append_name(name, &process[3].header));
  CHECK(std::string(name.c_str()) == process[3].path);
  text none;
  CHECK(macho_note::append_name(none, &process[0].header));
  CHECK(none.empty());
  CHECK_FALSE(macho_note::append_name(none, &name));
  std::string all;
  CHECK_FALSE(macho_note::any_name([&](const char* each) {
    all += each;
    return false;
  }));
  CHECK(all.find("/home/program/usr/lib") == 0);
  CHECK(
      macho_note::any_name([](const char* each) { return std::strstr(each, "herd") != nullptr; }));
}

TEST_CASE("macho_note: passes over what is unloaded meanwhile", "[macho_note]") {
  make_process();
  process[2].gone = true;
  CHECK(macho_note::find_first().place == place_behind(process[3], 0, -64));
  CHECK(macho_note::find_in(handle_of(process[3])) == place_behind(process[3], 0, -64));
  CHECK_FALSE(
      macho_note::any_name([](const char* each) { return std::strstr(each, "herd") != nullptr; }));
}
