// SPDX-License-Identifier: MIT

// For the self-check: an error in dynamic mode only; the three modes must differ.
// expect: dymod: dynamic mode, on the side of the host

#if !defined(NDEBUG) && !defined(sheep_EXPORTS)
#error "dymod: dynamic mode, on the side of the host"
#endif
