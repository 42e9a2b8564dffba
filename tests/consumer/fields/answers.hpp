// SPDX-License-Identifier: MIT

// An ordinary static library that a module needs and the host does not know.

#ifndef FIELDS_ANSWERS_HPP
#define FIELDS_ANSWERS_HPP

int answer();

#endif
