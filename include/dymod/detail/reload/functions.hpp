// SPDX-License-Identifier: MIT

// The functions of an image: from the table that it hands out or, in a module of plain C symbols,
// by their names.

#ifndef DYMOD_DETAIL_RELOAD_FUNCTIONS_HPP
#define DYMOD_DETAIL_RELOAD_FUNCTIONS_HPP

#include <stdint.h>  // uint64_t
#include <string.h>  // strcmp

#include <dymod/detail/os/target.hpp>
#include <dymod/detail/reload/description.hpp>
#include <dymod/detail/state/registry.hpp>
#include <dymod/detail/text.hpp>

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

template <class Os> class functions_of {
 public:
  /// @param extern_c  plain C symbols are looked for
  functions_of(const image& in, bool extern_c) noexcept
      : in_(in), extern_c_(extern_c), opened_(open(in, extern_c)), file_(opened_.content()) {
    text flaw;
    readable_ = opened_.is_open() && file_.check(Os::target(), flaw) == completeness::complete;
  }

  /// @param index  where it is in the caller's list: nearly always its place in the table as well
  /// @returns null if there is none of that name
  [[nodiscard]] function_pointer find(const char* name, unsigned index) const noexcept {
    return extern_c_ ? find_symbol(name) : find_in_table(name, index);
  }

 private:
  using view = typename Os::view;

  [[nodiscard]] static view open(const image& in, bool extern_c) noexcept {
    if (!extern_c) return view();
    const typename Os::file copy = Os::open_to_read(in.copy);
    return copy.is_open() ? Os::map(copy) : view();
  }

  // In the file, not by asking the system, if it can be helped: the system's loader may be locked
  // by a thread that waits for the load lock.
  [[nodiscard]] function_pointer find_symbol(const char* name) const noexcept {
    uint64_t address = 0;
    return readable_ && file_.find_function(name, address) ? Os::function_at(in_.handle, address)
                                                           : Os::symbol(in_.handle, name);
  }

  [[nodiscard]] function_pointer find_in_table(const char* name, unsigned index) const noexcept {
    const auto* table = static_cast<const module_table*>(in_.functions);
    if (table == nullptr) return nullptr;
    if (index < table->count && ::strcmp(table->functions[index].name, name) == 0) {
      return table->functions[index].function;
    }
    for (unsigned i = 0; i < table->count; ++i) {
      if (::strcmp(table->functions[i].name, name) == 0) return table->functions[i].function;
    }
    return nullptr;
  }

  const image& in_;
  bool extern_c_;
  view opened_;
  typename Os::image_format file_;
  bool readable_ = false;
};

}}  // namespace dymod::detail

#endif
