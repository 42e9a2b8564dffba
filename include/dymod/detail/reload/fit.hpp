// SPDX-License-Identifier: MIT

// Does a build offer what the callers in this process want of it? Its functions, their types and
// layouts against its callers', and against the current generation's, whose objects may be in use:
// a state that only modules know, behind a pointer that the host keeps. What one side does not know
// fits.
//
// Asked twice. Before the copy is opened, by its description. After, by what all translation units
// of the image have come to know: the description is one unit's, and written where DYMOD stands.

#ifndef DYMOD_DETAIL_RELOAD_FIT_HPP
#define DYMOD_DETAIL_RELOAD_FIT_HPP

#include <stdint.h>  // uint64_t
#include <string.h>  // strcmp, strlen, strstr

#include <dymod/detail/os/target.hpp>
#include <dymod/detail/reload/description.hpp>
#include <dymod/detail/reload/layouts.hpp>
#include <dymod/detail/reload/problem.hpp>
#include <dymod/detail/reload/type_comparison.hpp>
#include <dymod/detail/state/registry.hpp>
#include <dymod/detail/text.hpp>

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN {

// "'a', 'b'"
inline void list_function(text& list, const char* name) noexcept {
  list << (list.empty() ? "'" : ", '") << name << "'";
}

// Who wants something, in words.
[[nodiscard]] inline text words_for(const caller& wants) noexcept {
  if (wants.home == nullptr) return text("the host");
  text words("module '");
  words << wants.home->of->name << "'";
  return words;
}

[[nodiscard]] inline bool none_missing(const char* path, const text& missing, const text& who,
                                       problem& why) noexcept {
  if (missing.empty()) return true;
  why.set(error_code::missing_function)
      << "'" << path << "' does not define " << missing << ", which " << who << " declares";
  return false;
}

class fit {
 public:
  /// @param of       the module, under the load lock
  /// @param current  the generation that runs; null: not to be compared with
  /// @param asked    the first of the callers whom it has to fit (caller::next_asked)
  /// @param alone    only the first
  fit(const record& of, const image* current, const caller* asked, bool alone = false) noexcept
      : of_(of), current_(current), asked_(asked), alone_(alone) {}

  /// Judges a description.
  [[nodiscard]] bool accepts(const description& offered, problem& why) noexcept {
    static constexpr char own_head[] = DYMOD_DETAIL_DESCRIPTION_HEAD;
    const description own({reinterpret_cast<const unsigned char*>(own_head), sizeof own_head});
    if (!same_abi(own, offered, why)) return false;
    const char* own_compiler = own.find("compiler", "name");
    const char* its_compiler = offered.find("compiler", "name");
    const bool one_compiler = its_compiler != nullptr && ::strcmp(own_compiler, its_compiler) == 0;
    text missing;
    const caller* missed_by = nullptr;
    function_cursor there(offered);
    for (const caller* each = asked_; each != nullptr; each = next(*each)) {
      for (unsigned i = 0; i < each->function_count; ++i) {
        const char* name = each->functions[i];
        if (!there.find(name)) {
          list_function(missing, name);
          missed_by = each;
          blame(*each);
        } else if (!same_type(each->types[i], there.type(), one_compiler)) {
          types_.add(text(name), 0, words_for(*each), as_words(each->types[i]),
                     as_words(there.type()));
          blame(*each);
        } else {
          compare_layouts(*each, i, there.behind());
        }
      }
    }
    const text who = missed_by != nullptr ? words_for(*missed_by) : text("");
    return none_missing(of_.path, missing, who, why) && none_different(why) ? true : tell(why);
  }

  /// Judges an image that is open, by what its translation units know beyond its description.
  [[nodiscard]] bool accepts(const image& opened, problem& why) noexcept {
    for (const module_unit* unit = units_of(opened); unit != nullptr; unit = unit->next) {
      function_cursor there(description_of(*unit));
      for (const caller* each = asked_; each != nullptr; each = next(*each)) {
        for (unsigned i = 0; i < each->function_count; ++i) {
          if (!there.find(each->functions[i])) continue;
          compare_layouts(*each, i, there.behind());
          const auto later = unit->later_layouts[there.index()];
          if (later != nullptr) compare_layouts(*each, i, record_reader(later()));
        }
      }
    }
    return none_different(why) ? true : tell(why);
  }

  /// What an image that is open says of itself; null for a module of plain C symbols.
  [[nodiscard]] static const module_unit* units_of(const image& opened) noexcept {
    const auto* table = static_cast<const module_table*>(opened.functions);
    return table != nullptr ? *table->units : nullptr;
  }

  [[nodiscard]] static description description_of(const module_unit& unit) noexcept {
    return description({static_cast<const unsigned char*>(unit.description), unit.size});
  }

 private:
  // Finds functions in a description. Host and image nearly always list the same ones in the same
  // order: then each is the next.
  class function_cursor {
   public:
    explicit function_cursor(const description& all) noexcept : all_(all), rest_(all) {}

    [[nodiscard]] bool find(const char* name) noexcept {
      if (next() && ::strcmp(found_.name, name) == 0) return true;
      rest_ = all_;
      passed_ = 0;
      while (next()) {
        if (::strcmp(found_.name, name) == 0) return true;
      }
      return false;
    }

    [[nodiscard]] const char* type() const noexcept { return found_.value; }
    [[nodiscard]] unsigned index() const noexcept { return passed_ - 1; }
    /// The records that follow: layouts first.
    [[nodiscard]] const record_reader& behind() const noexcept { return rest_; }

   private:
    [[nodiscard]] bool next() noexcept {
      ++passed_;
      return rest_.next("function", found_);
    }

    record_reader all_;
    record_reader rest_;
    record_reader::record found_{};
    unsigned passed_ = 0;
  };

  // What the host knows of one function it may not know of another: the linker keeps one
  // translation unit's knowledge of each.
  [[nodiscard]] layout known_to_host(const caller& asked, unsigned function,
                                     const char* name) const noexcept {
    layout known;
    learn(records_behind(asked.types[function]), name, known);
    for (const caller* each = asked_; each != nullptr; each = next(*each)) {
      for (unsigned i = 0; i < each->function_count && known.size == nullptr; ++i) {
        learn(records_behind(each->types[i]), name, known);
      }
    }
    return known;
  }

  [[nodiscard]] static record_reader records_behind(const char* type) noexcept {
    return record_reader(type + ::strlen(type) + 1);
  }

  // What any translation unit of the current generation knows, up to what is asked for.
  [[nodiscard]] layout known_to_current(const char* name, bool with_fields) const noexcept {
    layout known;
    for (const module_unit* unit = units_of(*current_); unit != nullptr; unit = unit->next) {
      if (known.size != nullptr && (known.fields != nullptr || !with_fields)) break;
      description own = description_of(*unit);
      learn(own, name, known);
      record_reader::record each;
      for (unsigned i = 0; known.size == nullptr && own.next("function", each); ++i) {
        if (unit->later_layouts[i] != nullptr) {
          learn(record_reader(unit->later_layouts[i]()), name, known);
        }
      }
    }
    return known;
  }

  void compare_layouts(const caller& asked, unsigned function, record_reader there) noexcept {
    const char* name = nullptr;
    layout its;
    while (next_layout(there, name, its)) {
      const layout mine = known_to_host(asked, function, name);
      if (add_if_different(layouts_, name, words_for(asked), mine, its)) {
        blame(asked);
        continue;
      }
      // The host's knowledge is that of all objects there are. A module may have changed together
      // with this one, while what they handed to each other is older than both.
      if (mine.fields != nullptr && asked.home == nullptr) continue;
      if (current_ == nullptr) continue;
      text generation("generation ");
      generation << current_->generation;
      const layout older = known_to_current(name, its.fields != nullptr);
      if (add_if_different(layouts_, name, generation, older, its)) {
        older_ = true;
      }
    }
  }

  [[nodiscard]] bool same_abi(description own, const description& offered,
                              problem& why) const noexcept {
    record_reader::record mine;
    differences found;
    while (own.next("abi", mine)) {
      const char* its = offered.find("abi", mine.name);
      if (its != nullptr && ::strcmp(mine.value, its) == 0) continue;
      found.add(text(mine.name), 0, text("the host"), text(mine.value),
                text(its != nullptr ? its : "not told"));
    }
    return found.none() || found.tell(of_.path, why, error_code::abi_mismatch);
  }

  [[nodiscard]] bool none_different(problem& why) const noexcept {
    if (!types_.none()) return types_.tell(of_.path, why, error_code::type_mismatch);
    if (!layouts_.none()) return layouts_.tell(of_.path, why, error_code::layout_mismatch);
    return true;
  }

  [[nodiscard]] const caller* next(const caller& each) const noexcept {
    return alone_ ? nullptr : each.next_asked;
  }

  // Other modules can be rebuilt; the host cannot, while it runs.
  void blame(const caller& wants) noexcept {
    if (wants.home == nullptr) host_ = true;
    if (wants.home != nullptr) module_ = wants.home->of->name;
  }

  [[nodiscard]] bool tell(problem& why) const noexcept {
    why.other_module = host_ || older_ ? nullptr : module_;
    why.only_generations = older_ && !host_ && module_ == nullptr;
    return false;
  }

  const record& of_;
  const image* current_;
  const caller* asked_;
  bool alone_;
  // Who has it otherwise.
  bool host_ = false;
  const char* module_ = nullptr;  // the name of one; null: none
  bool older_ = false;            // the generation that runs
  differences types_;
  differences layouts_;
};

}}  // namespace dymod::detail

#endif
