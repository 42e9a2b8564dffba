// SPDX-License-Identifier: MIT

// Windows: the same functions with the same contracts as in posix.hpp, where they are described;
// here stands what is different. Paths are UTF-8 on dymod's side and UTF-16 on the system's.
//
// A library in use cannot be written or removed on Windows. Copies are therefore left when the
// process ends, and removed by the next one that makes a copy in the directory.

#ifndef DYMOD_DETAIL_OS_WINDOWS_HPP
#define DYMOD_DETAIL_OS_WINDOWS_HPP

#include <errno.h>   // errno
#include <stdint.h>  // int64_t, intptr_t, uint64_t
#include <stdlib.h>  // abort, atexit, free, malloc
#include <string.h>  // memcmp, memcpy, strlen, strncmp

#include <dymod/detail/os/target.hpp>
#include <dymod/detail/os/win32.hpp>
#include <dymod/detail/reload/bytes.hpp>
#include <dymod/detail/reload/pe.hpp>
#include <dymod/detail/state/atomic.hpp>
#include <dymod/detail/state/file_key.hpp>
#include <dymod/detail/text.hpp>

#if defined(_MSC_VER)
#pragma comment(lib, "advapi32")  // dymod_detail_random
#endif

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN { namespace os {

struct windows {
  using image_format = pe;

  // --- paths

  /// A path as the system takes it. Longer than the system's usual limit, it gets the prefix that
  /// lifts it.
  class wide {
   public:
    explicit wide(const char* path) noexcept {
      const int size = static_cast<int>(::strlen(path)) + 1;
      wchar_t* const place = reserve(static_cast<size_t>(size));
      // What a compiler was given in the code page of the system need not be UTF-8.
      const auto convert = [&](unsigned code_page, unsigned long flags) noexcept {
        return ::MultiByteToWideChar(code_page, flags, path, size, place, size) != 0;
      };
      if (place == nullptr || (!convert(win32::utf8, win32::no_invalid_characters) &&
                               !convert(win32::code_page_of_system, 0))) {
        length_ = 0;
        data_ = small_;
        small_[0] = L'\0';
        return;
      }
      for (wchar_t* at = place; *at != L'\0'; ++at) {
        if (*at == L'/') *at = L'\\';
        ++length_;
      }
      if (length_ >= longest_plain) lengthen();
    }
    wide(const wide&) = delete;
    wide& operator=(const wide&) = delete;
    ~wide() {
      if (data_ != small_) ::free(data_);
    }

    [[nodiscard]] const wchar_t* c_str() const noexcept { return data_; }

   private:
    static constexpr size_t longest_plain = 240;  // directories: 248 with a short name behind

    [[nodiscard]] wchar_t* reserve(size_t size) noexcept {
      data_ = size <= sizeof small_ / sizeof *small_
                  ? small_
                  : static_cast<wchar_t*>(::malloc(size * sizeof *small_));
      return data_;
    }

    void lengthen() noexcept {
      const bool is_prefixed = length_ > 4 && data_[0] == L'\\' && data_[1] == L'\\' &&
                               (data_[2] == L'?' || data_[2] == L'.');
      if (is_prefixed) return;
      const unsigned long needed = ::GetFullPathNameW(data_, 0, nullptr, nullptr);
      // Room for "\\?\UNC\" in front.
      auto* const longer = static_cast<wchar_t*>(::malloc((needed + 9) * sizeof(wchar_t)));
      if (needed == 0 || longer == nullptr ||
          ::GetFullPathNameW(data_, needed, longer + 8, nullptr) >= needed) {
        ::free(longer);
        return;
      }
      const bool is_share = longer[8] == L'\\' && longer[9] == L'\\';
      // "\\server\share" -> "\\?\UNC\server\share", "C:\x" -> "\\?\C:\x"
      const wchar_t* const prefix = is_share ? L"\\\\?\\UNC\\" : L"\\\\?\\";
      wchar_t* const begin = is_share ? longer + 2 : longer + 4;
      ::memcpy(begin, prefix, (is_share ? 8 : 4) * sizeof(wchar_t));
      size_t length = 0;
      while (begin[length] != L'\0') ++length;
      if (data_ != small_) ::free(data_);
      data_ = longer;
      for (size_t i = 0; i <= length; ++i) data_[i] = begin[i];
      length_ = length;
    }

    wchar_t small_[512];
    wchar_t* data_ = small_;
    size_t length_ = 0;
  };

  static void append_utf8(text& to, const wchar_t* characters, size_t count) noexcept {
    char block[512];
    while (count > 0) {
      // At most 3 bytes a unit; never between the two halves of one character.
      size_t part = count < 170 ? count : 170;
      const wchar_t last = characters[part - 1];
      if (part < count && last >= 0xd800 && last < 0xdc00) --part;
      const int written = ::WideCharToMultiByte(win32::utf8, 0, characters, static_cast<int>(part),
                                                block, sizeof block, nullptr, nullptr);
      to.append(block, static_cast<size_t>(written));
      characters += part;
      count -= part;
    }
  }

  [[nodiscard]] static size_t directory_length(const char* path) noexcept {
    size_t length = 0;
    for (size_t i = 0; path[i] != '\0'; ++i) {
      if (is_separator(path[i]) || (i == 1 && path[i] == ':')) length = i + 1;
    }
    return length;
  }

  /// "C:\…", "\\server\…".
  [[nodiscard]] static bool is_absolute(const char* path) noexcept {
    if (is_separator(path[0])) return is_separator(path[1]);
    return path[0] != '\0' && path[1] == ':' && is_separator(path[2]);
  }

  /// "\…" is meant on the drive of the directory.
  static void append_relative(text& to, const char* path) noexcept {
    const bool has_drive = to.size() > 2 && to.c_str()[1] == ':';
    if (is_separator(path[0]) && !is_separator(path[1]) && has_drive) to.shorten(2);
    to << path;
  }

  // --- files

  class file {
   public:
    file() noexcept = default;
    explicit file(void* handle) noexcept : handle_(handle) {}
    // Only 32 bits of a handle are significant, also in 64-bit processes.
    explicit file(int number) noexcept
        : handle_(reinterpret_cast<void*>(static_cast<intptr_t>(number))) {}
    file(file&& other) noexcept : handle_(other.handle_) { other.handle_ = none(); }
    file& operator=(file&& other) noexcept {
      close();
      handle_ = other.handle_;
      other.handle_ = none();
      return *this;
    }
    file(const file&) = delete;
    file& operator=(const file&) = delete;
    ~file() { close(); }

    [[nodiscard]] bool is_open() const noexcept { return handle_ != none(); }
    [[nodiscard]] void* handle() const noexcept { return handle_; }

    int release() noexcept {
      const auto number = static_cast<int>(reinterpret_cast<intptr_t>(handle_));
      handle_ = none();
      return number;
    }

    void close() noexcept {
      if (is_open()) ::CloseHandle(handle_);
      handle_ = none();
    }

   private:
    [[nodiscard]] static void* none() noexcept { return reinterpret_cast<void*>(intptr_t{-1}); }

    void* handle_ = none();
  };

  class view {
   public:
    view() noexcept = default;
    explicit view(bytes content) noexcept : content_(content) {}
    view(view&& other) noexcept : content_(other.content_) { other.content_ = bytes{}; }
    view& operator=(view&& other) noexcept {
      close();
      content_ = other.content_;
      other.content_ = bytes{};
      return *this;
    }
    view(const view&) = delete;
    view& operator=(const view&) = delete;
    ~view() { close(); }

    [[nodiscard]] bool is_open() const noexcept { return content_.data != nullptr; }
    [[nodiscard]] bytes content() const noexcept { return content_; }

   private:
    void close() noexcept {
      if (content_.data != nullptr) ::UnmapViewOfFile(content_.data);
      content_ = bytes{};
    }

    bytes content_;
  };

  /// The key has the stamps (100 ns units) and the size. The file's id would need the file opened,
  /// which costs many times as much at every call; its time of creation tells two files of one name
  /// and one time of writing apart.
  [[nodiscard]] static bool look(const char* path, file_key& key) noexcept {
    const unsigned long error = ::GetLastError();
    win32::attribute_data found;
    bool known = get_attributes()(wide(path).c_str(), 0, &found) != 0;
    if (known && (found.attributes & win32::attribute_reparse_point) != 0) {
      // That was of a symbolic link itself.
      known = look(open(path, win32::read_attributes, win32::share_all, win32::open_existing,
                        win32::flag_backup_semantics),
                   key);
    } else if (known) {
      key = key_of(found.size_high, found.size_low, found.written, found.created);
    }
    ::SetLastError(error);
    return known;
  }

  [[nodiscard]] static bool look(const file& opened, file_key& key) noexcept {
    win32::file_information found;
    if (!information_of(opened, found)) return false;
    key = key_of(found.size_high, found.size_low, found.written, found.created);
    return true;
  }

  [[nodiscard]] static file open_to_read(const char* path) noexcept {
    return open(path, win32::generic_read, win32::share_all, win32::open_existing,
                win32::flag_backup_semantics);
  }

  [[nodiscard]] static file create(const char* path) noexcept {
    return open(path, win32::generic_read | win32::generic_write,
                win32::share_read | win32::share_delete, win32::create_new,
                win32::attribute_normal);
  }

  /// Nobody else can write the file meanwhile; it could have been renamed, and another put there.
  [[nodiscard]] static bool is_still(const char* path, const file& opened,
                                     const file_key& key) noexcept {
    const file there = open(path, win32::read_attributes, win32::share_all, win32::open_existing,
                            win32::flag_open_reparse_point);
    file_key now;
    return is_same_file(there, opened) && look(opened, now) && now.size == key.size;
  }

  [[nodiscard]] static bool is_same_file(const char* one, const char* other) noexcept {
    const auto open_any = [](const char* path) noexcept {
      return open(path, win32::read_attributes, win32::share_all, win32::open_existing,
                  win32::flag_backup_semantics);
    };
    return is_same_file(open_any(one), open_any(other));
  }

  [[nodiscard]] static bool is_regular(const file& opened) noexcept {
    win32::file_information found;
    return ::GetFileType(opened.handle()) == win32::file_type_disk &&
           information_of(opened, found) && (found.attributes & win32::attribute_directory) == 0;
  }

  enum class writers : unsigned char { none, some, unknown };

  /// Asked by opening the file once more without letting others write, for a moment.
  [[nodiscard]] static writers writers_of(const file& opened) noexcept {
    const file alone(::ReOpenFile(opened.handle(), win32::generic_read,
                                  win32::share_read | win32::share_delete, 0));
    if (alone.is_open()) return writers::none;
    return last_error() == win32::error_sharing_violation ? writers::some : writers::unknown;
  }

  [[nodiscard]] static bool copy(const file& from, const file& to) noexcept {
    unsigned char block[65536];
    if (!rewind(from) || !rewind(to)) return false;
    for (;;) {
      unsigned long got = 0;
      if (::ReadFile(from.handle(), block, sizeof block, &got, nullptr) == 0) return false;
      if (got == 0) return true;
      if (!write(to, block, got)) return false;
    }
  }

  /// The program database that the linker wrote gets a copy, and the copied library the name of
  /// that: Visual Studio locks the file whose name it finds there.
  [[nodiscard]] static bool separate_debug_file(const file& copy, const char* path, const pe& image,
                                                const text& debug_path) noexcept {
    pe::debug_file_name name;
    if (!image.find_debug_file(name)) return false;
    const char* const own_name = debug_path.c_str() + directory_length(debug_path.c_str());
    // In full if there is room for it; debuggers look beside the library, too.
    const char* const new_name = debug_path.size() <= name.size ? debug_path.c_str() : own_name;
    const size_t length = ::strlen(new_name);
    if (length > name.size) return false;
    const char* const old_name = reinterpret_cast<const char*>(name.characters);
    if (!copy_file(old_name, debug_path.c_str())) {
      text beside;
      beside.append(path, directory_length(path));
      beside << old_name + directory_length(old_name);
      if (!copy_file(beside.c_str(), debug_path.c_str())) return false;
    }
    text padded(new_name);
    for (uint64_t size = length; size < name.size; ++size) padded.append("", 1);
    if (padded.size() == name.size && seek(copy, name.offset) &&
        write(copy, padded.c_str(), padded.size())) {
      return true;
    }
    remove(debug_path.c_str());
    return false;
  }

  [[nodiscard]] static const char* debug_extension() noexcept { return ".pdb"; }

  /// A library that somebody has open for writing cannot be loaded.
  static void end_writing(file& written) noexcept {
    file reading(::ReOpenFile(written.handle(), win32::generic_read, win32::share_all, 0));
    // Wine opens what has the name now: is_still() will see that it is another file.
    if (!is_same_file(reading, written)) return;
    written.close();
    // Not open any more if somebody writes there meanwhile: is_still() will see that, too.
    written = file(::ReOpenFile(reading.handle(), win32::generic_read,
                                win32::share_read | win32::share_delete, 0));
  }

  [[nodiscard]] static view map(const file& opened) noexcept {
    file_key key;
    if (!look(opened, key) || key.size == 0) return view();
    void* const created =
        ::CreateFileMappingW(opened.handle(), nullptr, win32::page_read_only, 0, 0, nullptr);
    // Unlike other handles this one is null when there is none.
    if (created == nullptr) return view();
    const file mapping(created);
    const void* data = ::MapViewOfFile(mapping.handle(), win32::map_read, 0, 0, 0);
    return view(bytes{static_cast<const unsigned char*>(data), data != nullptr ? key.size : 0});
  }

  static void remove(const char* path) noexcept { ::DeleteFileW(wide(path).c_str()); }
  static void remove_directory(const char* path) noexcept {
    ::RemoveDirectoryW(wide(path).c_str());
  }

  /// Its rights are those of the directory above, which is the user's own.
  [[nodiscard]] static bool create_private_directory(const char* path) noexcept {
    return ::CreateDirectoryW(wide(path).c_str(), nullptr) != 0;
  }

  /// Whose it is the system asks when something is removed there.
  [[nodiscard]] static bool is_own_directory(const char* path) noexcept {
    return is_there(path, win32::attribute_directory);
  }

  [[nodiscard]] static bool may_execute_from(const file& /*opened*/) noexcept { return true; }

  static void append_temporary_directory(text& to) noexcept {
    wchar_t path[264];  // the longest that the system gives
    const unsigned long length = ::GetTempPathW(sizeof path / sizeof *path, path);
    append_utf8(to, path, length < sizeof path / sizeof *path ? length : 0);
  }

  template <class Visit> static void list_directory(const char* path, Visit visit) noexcept {
    text pattern(path);
    pattern << "*";
    win32::find_data found;
    auto* const place = reinterpret_cast<_WIN32_FIND_DATAW*>(&found);
    void* const search = ::FindFirstFileW(wide(pattern.c_str()).c_str(), place);
    if (!file_is_open(search)) return;
    do {
      size_t length = 0;
      while (found.name[length] != L'\0') ++length;
      text name;
      append_utf8(name, found.name, length);
      visit(name.c_str());
    } while (::FindNextFileW(search, place) != 0);
    ::FindClose(search);
  }

  // --- claims: a file that is there while its maker lives; the system removes it

  [[nodiscard]] static file claim(const char* path) noexcept {
    return open(path, win32::generic_write | win32::delete_access, win32::share_nothing,
                win32::create_new, win32::flag_delete_on_close);
  }

  [[nodiscard]] static bool is_claim(const file& opened) noexcept { return opened.is_open(); }

  [[nodiscard]] static file take_over(const char* path) noexcept {
    return open(path, win32::generic_write | win32::delete_access, win32::share_nothing,
                win32::open_existing, win32::flag_delete_on_close | win32::flag_open_reparse_point);
  }

  [[nodiscard]] static bool is_absent(const char* path) noexcept {
    return ::GetFileAttributesW(wide(path).c_str()) == win32::no_attributes &&
           means_absent(last_error());
  }

  [[nodiscard]] static bool is_own_file(const char* path) noexcept { return is_there(path, 0); }

  // --- libraries

  /// Libraries that it needs are looked for beside it. No box on the screen if one is missing.
  [[nodiscard]] static void* open_library(const char* path) noexcept {
    unsigned long before = 0;
    ::SetThreadErrorMode(win32::no_critical_error_box | win32::no_open_file_box, &before);
    win32::module_handle const opened =
        ::LoadLibraryExW(wide(path).c_str(), nullptr, win32::altered_search_path);
    const unsigned long error = ::GetLastError();
    ::SetThreadErrorMode(before, nullptr);
    ::SetLastError(error);
    return opened;
  }

  /// The system says that a library was not found, and does not say which.
  static void library_error(const char* path, text& words) noexcept {
    const int error = last_error();
    describe_error(error, words);
    if (error != win32::error_module_not_found) return;
    const file opened = open_to_read(path);
    const view content = opened.is_open() ? map(opened) : view();
    const pe library(content.content());
    text beside;
    beside.append(path, directory_length(path));
    const char* const missing = library.find_needed([&](const char* name) {
      text there(beside.c_str());
      if (is_contract(name)) return false;
      return !is_loaded(name) && is_absent((there << name).c_str()) && !is_on_search_path(name);
    });
    if (missing != nullptr) {
      words << "; it needs '" << missing << "', which is neither beside it nor on the search path";
    }
  }

  [[nodiscard]] static bool has_room_for(uint64_t size) noexcept {
    void* const room = ::VirtualAlloc(nullptr, static_cast<win32::size_type>(size),
                                      win32::memory_reserve, win32::page_no_access);
    if (room != nullptr) ::VirtualFree(room, 0, win32::memory_release);
    return room != nullptr;
  }

  using function_pointer = void (*)();

  [[nodiscard]] static function_pointer symbol(void* library, const char* name) noexcept {
    return reinterpret_cast<function_pointer>(::GetProcAddress(module_of(library), name));
  }

  [[nodiscard]] static function_pointer function_at(void* library, uint64_t address) noexcept {
    return reinterpret_cast<function_pointer>(reinterpret_cast<uintptr_t>(library) +
                                              static_cast<uintptr_t>(address));
  }

  [[nodiscard]] static const char* base_of(void* library) noexcept {
    return static_cast<const char*>(library);
  }

  static text& append_symbol(text& to, const char* symbol) noexcept { return to << symbol; }

  [[nodiscard]] static bool is_loaded(const char* name) noexcept {
    return ::GetModuleHandleW(wide(name).c_str()) != nullptr;
  }

  static void close_library(void* library) noexcept {
    static_cast<void>(::FreeLibrary(module_of(library)));
  }

  // --- binaries of this process: the program, and all libraries. Each that uses dymod has a
  // section of a name that nothing else has, with nothing in it but `own_binary`; the loader lists
  // sections in memory. Not an exported variable: a library of MinGW's that exports one thing by
  // name exports nothing else any more.

  static void be_found() noexcept {}

  [[nodiscard]] static void* first_binary() noexcept {
    static_cast<void>(get_attributes());  // not for the first time under the load lock
    void* found = nullptr;
    visit_binaries([&](win32::module_handle each) noexcept {
      win32::module_handle kept = nullptr;
      // Not there any more, if that fails: unloaded on another thread.
      const auto* const address = reinterpret_cast<const wchar_t*>(each);
      if (::GetModuleHandleExW(win32::handle_of_address, address, &kept) == 0) return false;
      found = binary_in(kept);
      if (found != nullptr) keep_library_of(found);
      ::FreeLibrary(kept);
      return found != nullptr;
    });
    return found;
  }

  [[nodiscard]] static void* binary_in(void* library) noexcept {
    return pe::find_section_in_memory(library, DYMOD_DETAIL_BINARY_SECTION);
  }

  static bool append_binary_name(text& to, const void* address) noexcept {
    wchar_t name[1024];  // a path in the kernel's terms
    const unsigned long length = ::K32GetMappedFileNameW(
        ::GetCurrentProcess(), const_cast<void*>(address), name, sizeof name / sizeof *name);
    append_utf8(to, name, length);
    return length != 0;
  }

  [[nodiscard]] static bool is_open_itself(const char* path) noexcept {
    const wide sought(path + directory_length(path));
    bool found = false;
    visit_binaries([&](win32::module_handle each) noexcept {
      text mapped;
      append_binary_name(mapped, each);
      const wide name(mapped.c_str() + directory_length(mapped.c_str()));
      if (::CompareStringOrdinal(name.c_str(), -1, sought.c_str(), -1, 1) != win32::compare_equal) {
        return false;
      }
      text path_of;
      append_path_of(path_of, each);
      found = is_same_file(path_of.c_str(), path);
      return found;
    });
    return found;
  }

  static void wait_for_libraries() noexcept {
    using lock = long(__stdcall*)(unsigned long, unsigned long*, uintptr_t*);
    using unlock = long(__stdcall*)(unsigned long, uintptr_t);
    void* const system = ::GetModuleHandleW(L"ntdll.dll");
    const auto enter = reinterpret_cast<lock>(symbol(system, "LdrLockLoaderLock"));
    const auto leave = reinterpret_cast<unlock>(symbol(system, "LdrUnlockLoaderLock"));
    uintptr_t cookie = 0;
    if (enter != nullptr && leave != nullptr && enter(0, nullptr, &cookie) == 0) leave(0, cookie);
  }

  static void keep_library_of(const void* address) noexcept {
    win32::module_handle kept = nullptr;
    static_cast<void>(::GetModuleHandleExW(win32::handle_of_address | win32::handle_pinned,
                                           static_cast<const wchar_t*>(address), &kept));
  }

  [[nodiscard]] static pe_target target() noexcept { return pe_target{sizeof(void*), machine()}; }

  /// "<name>.dll"
  static void append_library_name(text& to, const char* name) noexcept { to << name << ".dll"; }

  [[nodiscard]] static bool append_binary_directory(text& to, const void* address) noexcept {
    win32::memory_information found;
    if (::VirtualQuery(address, reinterpret_cast<_MEMORY_BASIC_INFORMATION*>(&found),
                       sizeof found) == 0) {
      return false;
    }
    text path;
    if (!append_path_of(path, module_of(found.allocation_base))) {
      if (last_error() != win32::error_module_not_found) return false;
      // In no binary. Never the current directory: rather a path where nothing is.
      path << "\\";
    }
    to.append(path.c_str(), directory_length(path.c_str()));
    return true;
  }

  // --- process and time

  [[nodiscard]] static uint32_t process_id() noexcept {
    return static_cast<uint32_t>(::GetCurrentProcessId());
  }

  [[nodiscard]] static uint32_t thread_id() noexcept {
    return static_cast<uint32_t>(::GetCurrentThreadId());
  }

  [[nodiscard]] static uint64_t monotonic() noexcept {
    uint64_t ticks = 0;
    uint64_t in_a_second = 0;
    ::QueryPerformanceCounter(reinterpret_cast<_LARGE_INTEGER*>(&ticks));
    ::QueryPerformanceFrequency(reinterpret_cast<_LARGE_INTEGER*>(&in_a_second));
    return ticks / in_a_second * 1000000000 + ticks % in_a_second * 1000000000 / in_a_second;
  }

  /// Some 16 ms coarse.
  [[nodiscard]] static uint64_t coarse_milliseconds() noexcept { return ::GetTickCount64(); }

  [[nodiscard]] static int64_t file_clock() noexcept {
    win32::file_time now;
    ::GetSystemTimeAsFileTime(reinterpret_cast<_FILETIME*>(&now));
    return nanoseconds_of(now);
  }

  static void sleep_milliseconds(unsigned milliseconds) noexcept { ::Sleep(milliseconds); }

  [[nodiscard]] static uint64_t random() noexcept {
    uint64_t number = 0;
    if (::dymod_detail_random(&number, sizeof number) == 0) {
      number = static_cast<uint64_t>(file_clock()) * 0x9e3779b97f4a7c15u ^ monotonic() ^
               reinterpret_cast<uintptr_t>(&number) ^ uint64_t { process_id() } << 32;
    }
    return number;
  }

  /// Not by quick_exit(), which not all C runtimes have.
  [[nodiscard]] static bool at_exit(void (*function)()) noexcept { return ::atexit(function) == 0; }

  /// A console is written to as such, whatever its code page; without any standard error the words
  /// go to the debugger.
  static void write_to_stderr(const char* characters, size_t count) noexcept {
    void* const output = ::GetStdHandle(win32::standard_error);
    unsigned long mode = 0;
    const bool is_console = ::GetConsoleMode(output, &mode) != 0;
    unsigned long written = 0;
    if (!is_console && output != nullptr && file_is_open(output)) {
      ::WriteFile(output, characters, static_cast<unsigned long>(count), &written, nullptr);
      return;
    }
    const int size = static_cast<int>(count);
    auto* const units = static_cast<wchar_t*>(::malloc((count + 1) * sizeof(wchar_t)));
    if (units == nullptr) return;
    const int length = ::MultiByteToWideChar(win32::utf8, 0, characters, size, units, size);
    units[length] = L'\0';
    if (is_console) {
      ::WriteConsoleW(output, units, static_cast<unsigned long>(length), &written, nullptr);
    } else {
      ::OutputDebugStringW(units);
    }
    ::free(units);
  }

  [[noreturn]] static void abort() noexcept { ::abort(); }

  /// While it lives, what the thread's last error was is remembered: a call to a module must not
  /// show that files were touched on the way.
  class quiet {
   public:
    quiet() noexcept : error_(errno), system_error_(::GetLastError()) {}
    quiet(const quiet&) = delete;
    quiet& operator=(const quiet&) = delete;
    ~quiet() {
      ::SetLastError(system_error_);
      errno = error_;
    }

   private:
    int error_;
    unsigned long system_error_;
  };

  // --- errors

  [[nodiscard]] static int last_error() noexcept { return static_cast<int>(::GetLastError()); }
  static void set_last_error(int error) noexcept {
    ::SetLastError(static_cast<unsigned long>(error));
  }
  [[nodiscard]] static bool means_absent(int error) noexcept {
    return error == win32::error_file_not_found || error == win32::error_path_not_found;
  }
  [[nodiscard]] static bool means_taken(int error) noexcept {
    return error == win32::error_file_exists || error == win32::error_already_exists;
  }
  [[nodiscard]] static bool means_in_use(int error) noexcept {
    return error == win32::error_sharing_violation;
  }

  /// In the user's language, without the line break at the end, and with the number.
  static void describe_error(int error, text& words) noexcept {
    wchar_t message[512];
    unsigned long length = ::FormatMessageW(
        win32::message_from_system | win32::message_ignore_inserts, nullptr,
        static_cast<unsigned long>(error), 0, message, sizeof message / sizeof *message, nullptr);
    while (length > 0 && (message[length - 1] <= L' ' || message[length - 1] == L'.')) --length;
    append_utf8(words, message, length);
    words << (length > 0 ? " (error " : "error ") << static_cast<unsigned>(error)
          << (length > 0 ? ")" : "");
  }

 private:
  // Calls `visit(module)` for each binary of the process until it returns true. As debuggers read
  // the list, without the lock of the system's loader: what is there may go at any moment.
  template <class Visit> static void visit_binaries(Visit visit) noexcept {
    unsigned failures = 0;
    size_t room = 256;
    for (;;) {
      unsigned long size = 0;
      auto* const all =
          static_cast<win32::module_handle*>(::malloc(room * sizeof(win32::module_handle)));
      const bool listed =
          all != nullptr &&
          ::K32EnumProcessModules(::GetCurrentProcess(), all,
                                  static_cast<unsigned long>(room * sizeof *all), &size) != 0;
      const size_t count = listed ? size / sizeof *all : 0;
      bool ended = false;
      for (size_t i = 0; i < count && i < room && !ended; ++i) ended = visit(all[i]);
      ::free(all);
      if (ended || (listed && count <= room) || failures == 20) return;
      if (listed) {
        room = count + 64;
        continue;
      }
      // Somebody is changing the list.
      ++failures;
      sleep_milliseconds(1);
    }
  }

  // Where the file of a binary is. As debuggers ask, too, if they are told: where the system's
  // loader is asked, older systems wait for its lock.
  static bool append_path_of(text& to, win32::module_handle binary) noexcept {
    for (unsigned long room = 512; room <= 65536; room *= 2) {
      auto* const path = static_cast<wchar_t*>(::malloc(room * sizeof(wchar_t)));
      if (path == nullptr) return false;
      unsigned long length = ::K32GetModuleFileNameExW(::GetCurrentProcess(), binary, path, room);
      if (length == 0) length = ::GetModuleFileNameW(binary, path, room);
      // Cut, the path fills the room but for one character at the end, or none.
      const bool all = length != 0 && length + 1 < room;
      if (all) append_utf8(to, path, length);
      ::free(path);
      if (all) return true;
      if (length == 0) return false;
    }
    return false;
  }

  // The name of a part of the system, in no file of that name: "api-ms-win-…", "ext-ms-…".
  [[nodiscard]] static bool is_contract(const char* name) noexcept {
    return ::strncmp(name, "api-ms-", 7) == 0 || ::strncmp(name, "ext-ms-", 7) == 0;
  }

  [[nodiscard]] static bool is_on_search_path(const char* name) noexcept {
    return ::SearchPathW(nullptr, wide(name).c_str(), nullptr, 0, nullptr, nullptr) != 0;
  }

  [[nodiscard]] static bool is_separator(char character) noexcept {
    return character == '\\' || character == '/';
  }

  [[nodiscard]] static bool file_is_open(void* handle) noexcept {
    return reinterpret_cast<intptr_t>(handle) != -1;
  }

  [[nodiscard]] static win32::module_handle module_of(void* library) noexcept {
    return static_cast<win32::module_handle>(library);
  }

  // Asked for by its name, because its second parameter is of an enumeration that only <windows.h>
  // can declare.
  using attributes_function = int(__stdcall*)(const wchar_t*, int, void*);
  [[nodiscard]] static attributes_function get_attributes() noexcept {
    static atomic<attributes_function> known{nullptr};
    attributes_function found = known.load_relaxed();
    if (found == nullptr) {
      void* const system = ::GetModuleHandleW(L"kernel32.dll");
      found = reinterpret_cast<attributes_function>(symbol(system, "GetFileAttributesExW"));
      known.store_relaxed(found);
    }
    return found;
  }

  [[nodiscard]] static file open(const char* path, unsigned long access, unsigned long share,
                                 unsigned long disposition, unsigned long flags) noexcept {
    return file(
        ::CreateFileW(wide(path).c_str(), access, share, nullptr, disposition, flags, nullptr));
  }

  [[nodiscard]] static bool information_of(const file& opened,
                                           win32::file_information& found) noexcept {
    return ::GetFileInformationByHandle(
               opened.handle(), reinterpret_cast<_BY_HANDLE_FILE_INFORMATION*>(&found)) != 0;
  }

  [[nodiscard]] static bool is_same_file(const file& one, const file& other) noexcept {
    win32::file_information first;
    win32::file_information second;
    return information_of(one, first) && information_of(other, second) &&
           first.volume == second.volume && first.index_high == second.index_high &&
           first.index_low == second.index_low;
  }

  // Something of that kind, and no link to one.
  [[nodiscard]] static bool is_there(const char* path, unsigned long kind) noexcept {
    const unsigned long found = ::GetFileAttributesW(wide(path).c_str());
    return found != win32::no_attributes &&
           (found & (win32::attribute_directory | win32::attribute_reparse_point)) == kind;
  }

  [[nodiscard]] static bool copy_file(const char* from, const char* to) noexcept {
    return is_absolute(from) && ::CopyFileW(wide(from).c_str(), wide(to).c_str(), 1) != 0;
  }

  [[nodiscard]] static bool seek(const file& in, uint64_t offset) noexcept {
    long high = static_cast<long>(offset >> 32);
    ::SetLastError(0);
    // The result alone could be an offset.
    static_cast<void>(::SetFilePointer(in.handle(), static_cast<long>(offset), &high, 0));
    return ::GetLastError() == 0;
  }
  [[nodiscard]] static bool rewind(const file& in) noexcept { return seek(in, 0); }

  [[nodiscard]] static bool write(const file& to, const void* data, size_t size) noexcept {
    unsigned long written = 0;
    return ::WriteFile(to.handle(), data, static_cast<unsigned long>(size), &written, nullptr) !=
               0 &&
           written == size;
  }

  [[nodiscard]] static int64_t nanoseconds_of(const win32::file_time& time) noexcept {
    constexpr int64_t from_1601_to_1970 = 116444736000000000;  // 100 ns
    const auto since_1601 = static_cast<int64_t>(uint64_t{time.high} << 32 | time.low);
    return (since_1601 - from_1601_to_1970) * 100;
  }

  [[nodiscard]] static file_key key_of(unsigned long size_high, unsigned long size_low,
                                       const win32::file_time& written,
                                       const win32::file_time& created) noexcept {
    file_key key;
    key.size = uint64_t{size_high} << 32 | size_low;
    key.modified = nanoseconds_of(written);
    key.changed = nanoseconds_of(created);
    return key;
  }

  // IMAGE_FILE_MACHINE_… of this process; 0 for processors not tried.
  [[nodiscard]] static unsigned machine() noexcept {
#if defined(_M_X64) || defined(__x86_64__)
    return 0x8664;
#elif defined(_M_IX86) || defined(__i386__)
    return 0x14c;
#elif defined(_M_ARM64) || defined(__aarch64__)
    return 0xaa64;
#else
    return 0;
#endif
  }
};

}}}  // namespace dymod::detail::os

#endif
