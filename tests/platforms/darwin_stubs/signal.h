// SPDX-License-Identifier: MIT

// See README.md.

#pragma once

#define SIGURG 16
