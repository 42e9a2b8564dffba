// SPDX-License-Identifier: MIT

// The interface, and the module that makes objects of it. Their classes are the module's affair and
// may change while the program runs. The interface may not: which virtual functions it has, and in
// which order, nobody compares.

#ifndef SEEDS_HPP
#define SEEDS_HPP

#include <dymod/dymod.hpp>

#include <memory>  // unique_ptr
#include <string>  // string

struct flower {
  virtual ~flower() = default;
  virtual void grow() = 0;
  virtual std::string look() const = 0;
  virtual int days() const = 0;  // all that a new one need know of an old one
};

/// @param compost  what the flower leaves when it is destroyed; it must outlive the flower
DYMOD(seeds, (sow, std::unique_ptr<flower>(int days, std::string& compost)))

#endif
