// SPDX-License-Identifier: MIT

// See README.md.

#pragma once

#define PATH_MAX 1024
