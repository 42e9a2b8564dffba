// SPDX-License-Identifier: MIT

// What is done to the library under attack: the one place where an attack is added. A row is a name
// for the summary, the tool without which it is skipped, what it leaves, whether it may be killed
// in the middle, and a shell command, which finds in its environment:
//
// clang-format off
//     $out      the library that the hosts watch; $dir: its directory, which holds nothing else
//     $new      a whole library of the build that is to be there in the end, with an old time
//     $old      a whole library of another build, of the same size
//     $aside    a name that nobody watches, on the same file system
//     $objects  the object files of $new; $link: the compiler's command for a shared library
//     $strangers  the same without the module's functions
//     $writer   the program of writer.cpp
//     $cmake    CMake; $install: a directory for `cmake --install` that installs $new as $out
//     $hosts    the process ids of all hosts
// clang-format on

#ifndef DYMOD_TESTS_ATTACK_ATTACKS_HPP
#define DYMOD_TESTS_ATTACK_ATTACKS_HPP

/// What is at $out when the command has ended.
enum class leaves {
  build,     // the new build
  same,      // the build that was there before, perhaps in other bytes
  the_same,  // the very bytes that were there before
  ruin       // what will not do
};

struct attack {
  const char* name;
  const char* tool;  // "": every system has it
  leaves behind;
  bool killable;  // not where that would leave damage which nobody can see (docs/limits.md)
  const char* command;
  const char* refused = "";  // what hosts may refuse it as, besides "incomplete" and "not finished"
};

inline constexpr attack attacks[] = {
    // Linkers. The middle of a link is long, and each writes in an order of its own.
    {"bfd", "ld.bfd", leaves::build, true, "$link -fuse-ld=bfd $objects -o $out"},
    {"gold", "ld.gold", leaves::build, true, "$link -fuse-ld=gold $objects -o $out"},
    {"lld", "ld.lld", leaves::build, true, "$link -fuse-ld=lld $objects -o $out"},
    {"mold", "mold", leaves::build, true, "$link -fuse-ld=mold $objects -o $out"},
    {"gold, failing first", "ld.gold", leaves::build, true,
     "ld.gold -shared --build-id $objects -o $out 2>/dev/null; $link -fuse-ld=gold $objects -o "
     "$out"},

    // Copies: in place, in place with an old time, anew, by renaming.
    {"cp", "cp", leaves::build, true, "cp $new $out"},
    {"cp -p", "cp", leaves::build, true, "cp -p $new $out"},
    {"cat", "cat", leaves::build, true, "cat $new >$out"},
    {"dd", "dd", leaves::build, true, "dd if=$new of=$out bs=4k status=none"},
    {"dd, over it", "dd", leaves::build, false,
     "dd if=$new of=$out bs=4k conv=notrunc status=none"},
    {"install", "install", leaves::build, true, "install $new $out"},
    {"cmake -E copy", "", leaves::build, true, "\"$cmake\" -E copy $new $out"},
    {"cmake --install", "", leaves::build, true, "\"$cmake\" --install $install >/dev/null"},
    {"mv of an older file", "mv", leaves::build, true, "cp -p $new $aside && mv -f $aside $out"},
    {"deleted and put back", "mv", leaves::build, false,
     "cp $new $aside && rm -f $out && mv $aside $out"},
    {"link swapped", "ln", leaves::build, false,
     "cp $new $dir/version.$$ && ln -sf version.$$ $out"},
    {"directory made again", "mkdir", leaves::build, false,
     "while ! rm -rf $dir 2>/dev/null; do :; done; mkdir $dir && cp $new $out"},

    // What works on a library that is there.
    {"strip", "strip", leaves::same, true, "strip $out 2>/dev/null"},
    {"strip -g", "strip", leaves::same, true, "strip -g $out 2>/dev/null"},
    {"objcopy", "objcopy", leaves::same, true,
     "objcopy --compress-debug-sections $out 2>/dev/null"},
    {"patchelf", "patchelf", leaves::same, true,
     "patchelf --set-rpath /nowhere/$$ $out 2>/dev/null"},

    // The same bytes: no reload.
    {"touch", "touch", leaves::the_same, false, "touch $out"},
    {"chmod", "chmod", leaves::the_same, false, "chmod 600 $out; chmod 755 $out"},
    {"same bytes, renamed", "mv", leaves::the_same, false, "cp $out $aside && mv $aside $out"},
    {"same bytes, in place", "cp", leaves::the_same, false, "cp $out $aside && cp $aside $out"},

    // What will not do, and is refused in words while the hosts run on.
    {"garbage", "", leaves::ruin, true, "echo garbage >$out", "not a library of this system"},
    {"not the module", "", leaves::ruin, true, "$link $strangers -o $out",
     "not built as this module"},

    // Aimed at one step of a reload each; see finds.sh.
    {"writer: knock", "", leaves::the_same, false, "$writer knock $out"},
    {"writer: mapped", "", leaves::build, false, "$writer mapped $new $out"},
    {"writer: abandon", "", leaves::ruin, false, "$writer abandon $new $out"},
    {"writer: hole", "", leaves::build, false, "$writer hole $new $out"},
    {"writer: patch", "", leaves::build, false,
     "cp $old $aside && mv $aside $out && $writer patch $new $out"},
    {"writer: overtake", "", leaves::build, false,
     "cp $old $aside && $writer overtake $new $out $aside $hosts"},
};

#endif
