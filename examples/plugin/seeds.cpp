// SPDX-License-Identifier: MIT

// The module. Edit the class, its fields as well, and rebuild it while the program runs; demo.sh
// does so.

#include "seeds.hpp"

namespace {

class plant final : public flower {
 public:
  plant(int days, std::string& compost) : days_(days), compost_(compost) {}
  ~plant() override { compost_ += " daisy"; }
  plant(const plant&) = delete;
  plant& operator=(const plant&) = delete;

  void grow() override { ++days_; }
  std::string look() const override { return "daisy " + std::to_string(days_); }
  int days() const override { return days_; }

 private:
  int days_;
  std::string& compost_;
};

}  // namespace

std::unique_ptr<flower> seeds::sow(int days, std::string& compost) {
  return std::make_unique<plant>(days, compost);
}
