// SPDX-License-Identifier: MIT

// What an image needs, asked as a reload asks it.

#ifndef DYMOD_TESTS_SUPPORT_NEEDED_HPP
#define DYMOD_TESTS_SUPPORT_NEEDED_HPP

/// The first needed library whose name begins with `prefix`; null if there is none.
template <class Image> const char* needed_by(const Image& image, const char* prefix) {
  return image.find_needed([&](const char* name) { return Image::begins_with(name, prefix); });
}

#endif
