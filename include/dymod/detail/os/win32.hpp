// SPDX-License-Identifier: MIT

// What dymod uses of Win32, declared here and not by <windows.h>: that header's 10,000 macros are
// not for programs that did not ask for them. The declarations are those of the Windows SDK, in the
// types behind its names, so that a program may include <windows.h> before or after. Structures are
// handed over by pointers to dymod's own of the same layout.

#ifndef DYMOD_DETAIL_OS_WIN32_HPP
#define DYMOD_DETAIL_OS_WIN32_HPP

#include <stddef.h>  // size_t

#include <dymod/detail/os/target.hpp>

struct _BY_HANDLE_FILE_INFORMATION;
struct _FILETIME;
struct _MEMORY_BASIC_INFORMATION;
struct _OVERLAPPED;
struct _SECURITY_ATTRIBUTES;
struct _WIN32_FIND_DATAW;
union _LARGE_INTEGER;
#if defined(NO_STRICT)
#define DYMOD_DETAIL_HMODULE void*
#else
struct HINSTANCE__;
#define DYMOD_DETAIL_HMODULE HINSTANCE__*
#endif
#if defined(_WIN64)
#define DYMOD_DETAIL_FARPROC_RESULT long long
#define DYMOD_DETAIL_SIZE unsigned long long
#else
#define DYMOD_DETAIL_FARPROC_RESULT int
#define DYMOD_DETAIL_SIZE unsigned long
#endif

#if defined(_M_IX86) || defined(__i386__)
#define DYMOD_DETAIL_RANDOM(name) "_" name "@8"
#else
#define DYMOD_DETAIL_RANDOM(name) name
#endif
#if defined(__GNUC__) || defined(__clang__)
#define DYMOD_DETAIL_RANDOM_SYMBOL __asm__(DYMOD_DETAIL_RANDOM("SystemFunction036"))
#else
#define DYMOD_DETAIL_RANDOM_SYMBOL
#pragma comment(linker, "/alternatename:" DYMOD_DETAIL_RANDOM( \
                            "dymod_detail_random") "=" DYMOD_DETAIL_RANDOM("SystemFunction036"))
#endif

// clang-format off
#define DYMOD_DETAIL_WIN32(result) __declspec(dllimport) result __stdcall
extern "C" {
DYMOD_DETAIL_WIN32(int) CloseHandle(void*);
DYMOD_DETAIL_WIN32(int) CompareStringOrdinal(const wchar_t*, int, const wchar_t*, int, int);
DYMOD_DETAIL_WIN32(int) CreateDirectoryW(const wchar_t*, _SECURITY_ATTRIBUTES*);
DYMOD_DETAIL_WIN32(int) CopyFileW(const wchar_t*, const wchar_t*, int);
DYMOD_DETAIL_WIN32(void*) CreateFileMappingW(void*, _SECURITY_ATTRIBUTES*, unsigned long, unsigned long, unsigned long, const wchar_t*);
DYMOD_DETAIL_WIN32(void*) CreateFileW(const wchar_t*, unsigned long, unsigned long, _SECURITY_ATTRIBUTES*, unsigned long, unsigned long, void*);
DYMOD_DETAIL_WIN32(int) DeleteFileW(const wchar_t*);
DYMOD_DETAIL_WIN32(int) FindClose(void*);
DYMOD_DETAIL_WIN32(void*) FindFirstFileW(const wchar_t*, _WIN32_FIND_DATAW*);
DYMOD_DETAIL_WIN32(int) FindNextFileW(void*, _WIN32_FIND_DATAW*);
DYMOD_DETAIL_WIN32(unsigned long) FormatMessageW(unsigned long, const void*, unsigned long, unsigned long, wchar_t*, unsigned long, char**);
DYMOD_DETAIL_WIN32(int) FreeLibrary(DYMOD_DETAIL_HMODULE);
DYMOD_DETAIL_WIN32(int) GetConsoleMode(void*, unsigned long*);
DYMOD_DETAIL_WIN32(void*) GetCurrentProcess();
DYMOD_DETAIL_WIN32(unsigned long) GetCurrentProcessId();
DYMOD_DETAIL_WIN32(unsigned long) GetCurrentThreadId();
DYMOD_DETAIL_WIN32(unsigned long) GetFileAttributesW(const wchar_t*);
DYMOD_DETAIL_WIN32(int) GetFileInformationByHandle(void*, _BY_HANDLE_FILE_INFORMATION*);
DYMOD_DETAIL_WIN32(unsigned long) GetFileType(void*);
DYMOD_DETAIL_WIN32(unsigned long) GetFullPathNameW(const wchar_t*, unsigned long, wchar_t*, wchar_t**);
DYMOD_DETAIL_WIN32(unsigned long) GetLastError();
DYMOD_DETAIL_WIN32(unsigned long) GetModuleFileNameW(DYMOD_DETAIL_HMODULE, wchar_t*, unsigned long);
DYMOD_DETAIL_WIN32(DYMOD_DETAIL_HMODULE) GetModuleHandleW(const wchar_t*);
DYMOD_DETAIL_WIN32(int) GetModuleHandleExW(unsigned long, const wchar_t*, DYMOD_DETAIL_HMODULE*);
DYMOD_DETAIL_WIN32(void*) GetStdHandle(unsigned long);
DYMOD_DETAIL_WIN32(void) GetSystemTimeAsFileTime(_FILETIME*);
DYMOD_DETAIL_WIN32(unsigned long) GetTempPathW(unsigned long, wchar_t*);
DYMOD_DETAIL_WIN32(unsigned long long) GetTickCount64();
DYMOD_DETAIL_WIN32(DYMOD_DETAIL_HMODULE) LoadLibraryExW(const wchar_t*, void*, unsigned long);
DYMOD_DETAIL_WIN32(void*) MapViewOfFile(void*, unsigned long, unsigned long, unsigned long, DYMOD_DETAIL_SIZE);
DYMOD_DETAIL_WIN32(int) MultiByteToWideChar(unsigned, unsigned long, const char*, int, wchar_t*, int);
DYMOD_DETAIL_WIN32(void) OutputDebugStringW(const wchar_t*);
DYMOD_DETAIL_WIN32(int) QueryPerformanceCounter(_LARGE_INTEGER*);
DYMOD_DETAIL_WIN32(int) QueryPerformanceFrequency(_LARGE_INTEGER*);
DYMOD_DETAIL_WIN32(int) ReadFile(void*, void*, unsigned long, unsigned long*, _OVERLAPPED*);
DYMOD_DETAIL_WIN32(int) RemoveDirectoryW(const wchar_t*);
DYMOD_DETAIL_WIN32(void*) ReOpenFile(void*, unsigned long, unsigned long, unsigned long);
DYMOD_DETAIL_WIN32(unsigned long) SetFilePointer(void*, long, long*, unsigned long);
DYMOD_DETAIL_WIN32(unsigned long) SearchPathW(const wchar_t*, const wchar_t*, const wchar_t*, unsigned long, wchar_t*, wchar_t**);
DYMOD_DETAIL_WIN32(void) SetLastError(unsigned long);
DYMOD_DETAIL_WIN32(int) SetThreadErrorMode(unsigned long, unsigned long*);
DYMOD_DETAIL_WIN32(void) Sleep(unsigned long);
DYMOD_DETAIL_WIN32(int) UnmapViewOfFile(const void*);
DYMOD_DETAIL_WIN32(void*) VirtualAlloc(void*, DYMOD_DETAIL_SIZE, unsigned long, unsigned long);
DYMOD_DETAIL_WIN32(int) VirtualFree(void*, DYMOD_DETAIL_SIZE, unsigned long);
DYMOD_DETAIL_WIN32(DYMOD_DETAIL_SIZE) VirtualQuery(const void*, _MEMORY_BASIC_INFORMATION*, DYMOD_DETAIL_SIZE);
DYMOD_DETAIL_WIN32(int) WideCharToMultiByte(unsigned, unsigned long, const wchar_t*, int, char*, int, const char*, int*);
DYMOD_DETAIL_WIN32(int) WriteConsoleW(void*, const void*, unsigned long, unsigned long*, void*);
DYMOD_DETAIL_WIN32(int) WriteFile(void*, const void*, unsigned long, unsigned long*, _OVERLAPPED*);
typedef DYMOD_DETAIL_FARPROC_RESULT (__stdcall* dymod_detail_procedure)();
DYMOD_DETAIL_WIN32(dymod_detail_procedure) GetProcAddress(DYMOD_DETAIL_HMODULE, const char*);
// These the SDK declares without dllimport.
int __stdcall K32EnumProcessModules(void*, DYMOD_DETAIL_HMODULE*, unsigned long, unsigned long*);
unsigned long __stdcall K32GetMappedFileNameW(void*, void*, wchar_t*, unsigned long);
unsigned long __stdcall K32GetModuleFileNameExW(void*, DYMOD_DETAIL_HMODULE, wchar_t*, unsigned long);
// RtlGenRandom, under a name of ours: the headers that declare it do not agree.
unsigned char __stdcall dymod_detail_random(void*, unsigned long) DYMOD_DETAIL_RANDOM_SYMBOL;
}
#undef DYMOD_DETAIL_RANDOM
#undef DYMOD_DETAIL_RANDOM_SYMBOL
#undef DYMOD_DETAIL_WIN32
// clang-format on

namespace dymod { namespace detail DYMOD_DETAIL_HIDDEN { namespace os { namespace win32 {

using module_handle = DYMOD_DETAIL_HMODULE;
using size_type = DYMOD_DETAIL_SIZE;

// Windows' structures, in its layout.

struct file_time {
  unsigned long low;
  unsigned long high;  // together: 100 ns since 1601
};

struct file_information {  // BY_HANDLE_FILE_INFORMATION
  unsigned long attributes;
  file_time created;
  file_time read;
  file_time written;
  unsigned long volume;
  unsigned long size_high;
  unsigned long size_low;
  unsigned long links;
  unsigned long index_high;
  unsigned long index_low;
};

struct attribute_data {  // WIN32_FILE_ATTRIBUTE_DATA
  unsigned long attributes;
  file_time created;
  file_time read;
  file_time written;
  unsigned long size_high;
  unsigned long size_low;
};

struct find_data {  // WIN32_FIND_DATAW
  attribute_data found;
  unsigned long reserved[2];
  wchar_t name[260];
  wchar_t short_name[14];
};

struct memory_information {  // MEMORY_BASIC_INFORMATION
  void* base;
  void* allocation_base;
  unsigned long allocation_protection;
  size_t size;
  unsigned long state;
  unsigned long protection;
  unsigned long type;
};

enum : unsigned long {
  generic_read = 0x80000000,
  generic_write = 0x40000000,
  read_attributes = 0x80,
  delete_access = 0x10000,
  share_nothing = 0,
  share_read = 1,
  share_delete = 4,
  share_all = 7,
  create_new = 1,
  open_existing = 3,
  flag_delete_on_close = 0x04000000,
  flag_backup_semantics = 0x02000000,  // directories can be opened
  flag_open_reparse_point = 0x00200000,
  attribute_directory = 0x10,
  attribute_normal = 0x80,
  attribute_reparse_point = 0x400,
  no_attributes = 0xffffffff,
  file_type_disk = 1,
  page_read_only = 2,
  map_read = 4,
  memory_reserve = 0x2000,
  memory_release = 0x8000,
  page_no_access = 1,
  altered_search_path = 8,
  handle_of_address = 4,
  handle_pinned = 1,
  no_critical_error_box = 1,
  no_open_file_box = 0x8000,
  message_from_system = 0x1000,
  message_ignore_inserts = 0x200,
  standard_error = 0xfffffff4,
  compare_equal = 2,
  error_file_not_found = 2,
  error_path_not_found = 3,
  error_sharing_violation = 32,
  error_file_exists = 80,
  error_module_not_found = 126,
  error_already_exists = 183,
  no_invalid_characters = 8,
  code_page_of_system = 0,
  utf8 = 65001
};

}}}}  // namespace dymod::detail::os::win32

#undef DYMOD_DETAIL_HMODULE
#undef DYMOD_DETAIL_FARPROC_RESULT
#undef DYMOD_DETAIL_SIZE

#endif
