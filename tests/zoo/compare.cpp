// SPDX-License-Identifier: MIT

// Compares files of records (records.cpp): compilers and standards may know more or less of a type,
// but what two of them know must be the same.
//   compare <least> <expected> <file>...
// Of each two files at least <least> types must be known to both. <expected> is written by hand, in
// the same form, and may say as little as it likes.

#include <cstdlib>   // strtoul
#include <fstream>   // ifstream
#include <iostream>  // cout
#include <map>       // map
#include <string>    // getline, string
#include <tuple>     // tuple
#include <vector>    // vector

#include <dymod/detail/reload/type_comparison.hpp>

namespace {

struct key {
  std::string type;
  std::string name;
  std::string record;
  bool operator<(const key& other) const {
    return std::tie(type, name, record) < std::tie(other.type, other.name, other.record);
  }
};

struct records {
  std::string file;
  std::map<key, std::string> values;
  bool is_readable = true;

  explicit records(const std::string& path) : file(path) {
    std::ifstream lines(path);
    std::string line;
    while (std::getline(lines, line)) {
      if (line.empty() || line[0] == '#') continue;
      std::string parts[4];
      std::size_t at = 0;
      for (std::string& part : parts) {
        const std::size_t end = line.find('\t', at);
        part = line.substr(at, end - at);
        at = end == std::string::npos ? line.size() : end + 1;
      }
      if (parts[3].empty()) is_readable = false;
      values[{parts[0], parts[1], parts[2]}] = parts[3];
    }
    if (values.empty()) is_readable = false;
  }

  [[nodiscard]] unsigned count(const std::string& record) const {
    unsigned result = 0;
    for (const auto& each : values) {
      if (each.first.name == "@" && each.first.record == record) ++result;
    }
    return result;
  }
};

// One letter for a field, `?` for one that is not known.
bool same_fields(const std::string& a, const std::string& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i] && a[i] != '?' && b[i] != '?') return false;
  }
  return true;
}

bool same(const std::string& record, const std::string& a, const std::string& b) {
  if (record == "type") return dymod::detail::same_type(a.c_str(), b.c_str(), false);
  if (record == "fields") return same_fields(a, b);
  return a == b;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 4) return 2;
  const unsigned long least = std::strtoul(arguments[1], nullptr, 10);
  std::vector<records> all;
  for (int i = 2; i < count; ++i) all.emplace_back(arguments[i]);
  unsigned wrong = 0;
  for (std::size_t a = 0; a < all.size(); ++a) {
    std::cout << all[a].file << ": " << all[a].count("type") << " kinds of types, "
              << all[a].count("layout") << " sizes known, " << all[a].count("fields")
              << " with fields\n";
    if (!all[a].is_readable) {
      std::cout << "  cannot be read\n";
      ++wrong;
    }
    for (std::size_t b = 0; b < a; ++b) {
      unsigned long known = 0;
      for (const auto& [what, value] : all[a].values) {
        const auto other = all[b].values.find(what);
        if (other == all[b].values.end()) continue;
        if (what.name == "@" && what.record != "type") ++known;
        if (same(what.record, value, other->second)) continue;
        std::cout << "  " << what.type << " " << what.name << " " << what.record << ": '" << value
                  << "', but '" << other->second << "' in " << all[b].file << "\n";
        ++wrong;
      }
      const bool is_by_hand = b == 0;
      if (is_by_hand ? known != all[0].values.size() : known < least) {
        std::cout << "  only " << known << " layouts are known here and in " << all[b].file << "\n";
        ++wrong;
      }
    }
  }
  std::cout << wrong << " differences\n";
  return wrong == 0 ? 0 : 1;
}
