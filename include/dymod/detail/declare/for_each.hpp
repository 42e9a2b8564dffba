// SPDX-License-Identifier: MIT

// DYMOD_DETAIL_FOR_EACH(macro, (a, b), (c, d), …): `macro (a, b) macro (c, d) …`, for 1 to 264
// parenthesised entries; an empty last entry (a trailing comma) is left out. Includes nothing.
//
// Eight entries a step: one by one, the compiler reads the rest of the list anew for each entry,
// which costs four times as much for 256 functions. Tried: recursion by repeated scanning, slower
// still; a macro for each length instead of each eighth, which all files read and few use.

#ifndef DYMOD_DETAIL_DECLARE_FOR_EACH_HPP
#define DYMOD_DETAIL_DECLARE_FOR_EACH_HPP

#define DYMOD_DETAIL_JOIN_(a, b) a##b
#define DYMOD_DETAIL_JOIN(a, b) DYMOD_DETAIL_JOIN_(a, b)
#define DYMOD_DETAIL_SECOND_(a, b, ...) b
#define DYMOD_DETAIL_SECOND(...) DYMOD_DETAIL_SECOND_(__VA_ARGS__)

// 1 if `x` begins with a parenthesis, else 0.
#define DYMOD_DETAIL_PARENTHESIS(...) ~, 1
#define DYMOD_DETAIL_IS_ENTRY(x) DYMOD_DETAIL_SECOND(DYMOD_DETAIL_PARENTHESIS x, 0, ~)

// `m x`; nothing for an empty `x`; what is no entry stays, for the compiler to stumble over.
#define DYMOD_DETAIL_ENTRY(m, x) \
  DYMOD_DETAIL_JOIN(DYMOD_DETAIL_ENTRY_, DYMOD_DETAIL_IS_ENTRY(x))(m, x)
#define DYMOD_DETAIL_ENTRY_0(m, x) x
#define DYMOD_DETAIL_ENTRY_1(m, x) m x

// Eight empty entries stand behind the list: the last step takes some of them.
// clang-format off
#define DYMOD_DETAIL_STEPS_1(m, a, b, c, d, e, f, g, h, ...) \
  DYMOD_DETAIL_ENTRY(m, a) DYMOD_DETAIL_ENTRY(m, b) DYMOD_DETAIL_ENTRY(m, c) DYMOD_DETAIL_ENTRY(m, d) \
  DYMOD_DETAIL_ENTRY(m, e) DYMOD_DETAIL_ENTRY(m, f) DYMOD_DETAIL_ENTRY(m, g) DYMOD_DETAIL_ENTRY(m, h)
#define DYMOD_DETAIL_STEPS_2(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_1(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_3(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_2(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_4(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_3(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_5(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_4(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_6(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_5(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_7(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_6(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_8(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_7(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_9(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_8(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_10(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_9(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_11(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_10(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_12(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_11(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_13(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_12(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_14(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_13(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_15(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_14(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_16(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_15(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_17(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_16(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_18(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_17(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_19(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_18(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_20(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_19(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_21(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_20(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_22(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_21(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_23(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_22(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_24(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_23(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_25(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_24(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_26(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_25(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_27(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_26(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_28(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_27(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_29(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_28(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_30(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_29(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_31(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_30(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_32(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_31(m, __VA_ARGS__)
#define DYMOD_DETAIL_STEPS_33(m, a, b, c, d, e, f, g, h, ...) m a m b m c m d m e m f m g m h DYMOD_DETAIL_STEPS_32(m, __VA_ARGS__)

#define DYMOD_DETAIL_COUNT_( \
    a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19, a20, \
    a21, a22, a23, a24, a25, a26, a27, a28, a29, a30, a31, a32, a33, a34, a35, a36, a37, a38, \
    a39, a40, a41, a42, a43, a44, a45, a46, a47, a48, a49, a50, a51, a52, a53, a54, a55, a56, \
    a57, a58, a59, a60, a61, a62, a63, a64, a65, a66, a67, a68, a69, a70, a71, a72, a73, a74, \
    a75, a76, a77, a78, a79, a80, a81, a82, a83, a84, a85, a86, a87, a88, a89, a90, a91, a92, \
    a93, a94, a95, a96, a97, a98, a99, a100, a101, a102, a103, a104, a105, a106, a107, a108, \
    a109, a110, a111, a112, a113, a114, a115, a116, a117, a118, a119, a120, a121, a122, a123, \
    a124, a125, a126, a127, a128, a129, a130, a131, a132, a133, a134, a135, a136, a137, a138, \
    a139, a140, a141, a142, a143, a144, a145, a146, a147, a148, a149, a150, a151, a152, a153, \
    a154, a155, a156, a157, a158, a159, a160, a161, a162, a163, a164, a165, a166, a167, a168, \
    a169, a170, a171, a172, a173, a174, a175, a176, a177, a178, a179, a180, a181, a182, a183, \
    a184, a185, a186, a187, a188, a189, a190, a191, a192, a193, a194, a195, a196, a197, a198, \
    a199, a200, a201, a202, a203, a204, a205, a206, a207, a208, a209, a210, a211, a212, a213, \
    a214, a215, a216, a217, a218, a219, a220, a221, a222, a223, a224, a225, a226, a227, a228, \
    a229, a230, a231, a232, a233, a234, a235, a236, a237, a238, a239, a240, a241, a242, a243, \
    a244, a245, a246, a247, a248, a249, a250, a251, a252, a253, a254, a255, a256, a257, a258, \
    a259, a260, a261, a262, a263, a264, count, ...) \
    count

// How many steps.
#define DYMOD_DETAIL_COUNT(...) DYMOD_DETAIL_COUNT_(__VA_ARGS__, \
    33, 33, 33, 33, 33, 33, 33, 33, 32, 32, 32, 32, 32, 32, 32, 32, 31, 31, 31, 31, 31, 31, 31, \
    31, 30, 30, 30, 30, 30, 30, 30, 30, 29, 29, 29, 29, 29, 29, 29, 29, 28, 28, 28, 28, 28, 28, \
    28, 28, 27, 27, 27, 27, 27, 27, 27, 27, 26, 26, 26, 26, 26, 26, 26, 26, 25, 25, 25, 25, 25, \
    25, 25, 25, 24, 24, 24, 24, 24, 24, 24, 24, 23, 23, 23, 23, 23, 23, 23, 23, 22, 22, 22, 22, \
    22, 22, 22, 22, 21, 21, 21, 21, 21, 21, 21, 21, 20, 20, 20, 20, 20, 20, 20, 20, 19, 19, 19, \
    19, 19, 19, 19, 19, 18, 18, 18, 18, 18, 18, 18, 18, 17, 17, 17, 17, 17, 17, 17, 17, 16, 16, \
    16, 16, 16, 16, 16, 16, 15, 15, 15, 15, 15, 15, 15, 15, 14, 14, 14, 14, 14, 14, 14, 14, 13, \
    13, 13, 13, 13, 13, 13, 13, 12, 12, 12, 12, 12, 12, 12, 12, 11, 11, 11, 11, 11, 11, 11, 11, \
    10, 10, 10, 10, 10, 10, 10, 10, 9, 9, 9, 9, 9, 9, 9, 9, 8, 8, 8, 8, 8, 8, 8, 8, 7, 7, 7, 7, \
    7, 7, 7, 7, 6, 6, 6, 6, 6, 6, 6, 6, 5, 5, 5, 5, 5, 5, 5, 5, 4, 4, 4, 4, 4, 4, 4, 4, 3, 3, 3, \
    3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 0)
// clang-format on

#define DYMOD_DETAIL_FOR_EACH(m, ...)                                     \
  DYMOD_DETAIL_JOIN(DYMOD_DETAIL_STEPS_, DYMOD_DETAIL_COUNT(__VA_ARGS__)) \
  (m, __VA_ARGS__, , , , , , , , )

#endif
