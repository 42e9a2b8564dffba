// SPDX-License-Identifier: MIT

// See README.md.

#pragma once

extern "C" int* __error();
#define errno (*__error())

#define ENOENT 2
#define EINTR 4
#define ENOMEM 12
#define EEXIST 17
#define ENOTDIR 20
#define ENFILE 23
#define EMFILE 24
#define EAGAIN 35
#define EWOULDBLOCK EAGAIN
