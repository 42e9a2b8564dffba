// SPDX-License-Identifier: MIT

// What is Windows in the workshop; see workshop.hpp. Paths have slashes and a drive. Under wine,
// where the shell and the compiler are those of the system below, commands get them without it.

#include <windows.h>
//
#include <psapi.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <stdexcept>
#include <vector>

#include "workshop.hpp"

namespace workshop {

namespace {

[[noreturn]] void complain(const std::string& what) {
  throw std::runtime_error(what + ": error " + std::to_string(::GetLastError()));
}

std::wstring wide(const std::string& text) {
  std::wstring result(text.size() + 1, L'\0');
  const int size = ::MultiByteToWideChar(CP_UTF8, 0, text.data(), static_cast<int>(text.size()),
                                         result.data(), static_cast<int>(result.size()));
  result.resize(static_cast<std::size_t>(size));
  return result;
}

std::string narrow(const std::wstring& text) {
  std::string result(3 * text.size() + 1, '\0');
  const int size =
      ::WideCharToMultiByte(CP_UTF8, 0, text.data(), static_cast<int>(text.size()), result.data(),
                            static_cast<int>(result.size()), nullptr, nullptr);
  result.resize(static_cast<std::size_t>(size));
  return result;
}

bool is_wine() {
  return ::GetProcAddress(::GetModuleHandleW(L"ntdll.dll"), "wine_get_version") != nullptr;
}

// Under wine the root of the system below is a drive.
std::string for_shell(std::string command) {
  if (!is_wine()) return command;
  for (std::size_t at = 0; (at = command.find("Z:/", at)) != std::string::npos;) {
    command.erase(at, 2);
  }
  return command;
}

std::string folder_for_tests() {
  const std::string drive = is_wine() ? "Z:" : "";
  const char* named = std::getenv("TMPDIR");
  if (named != nullptr) return (named[0] == '/' ? drive : "") + with_slashes(named);
  if (is_wine()) return drive + "/tmp";
  wchar_t path[MAX_PATH + 1];
  return with_slashes(narrow(std::wstring(path, ::GetTempPathW(MAX_PATH, path))));
}

std::string new_name(const std::string& what) {
  static std::atomic<unsigned> count{0};
  return folder_for_tests() + "/dymod-" + what + "-" + std::to_string(::GetCurrentProcessId()) +
         "-" + std::to_string(::GetTickCount64()) + "-" + std::to_string(++count);
}

std::string directory_of_program() {
  wchar_t path[32768];
  const DWORD length = ::GetModuleFileNameW(nullptr, path, 32768);
  std::wstring name(path, length);
  return with_slashes(narrow(name.substr(0, name.find_last_of(L'\\'))));
}

// The shell that runs the commands of tests. A program of the system below, under wine: nobody
// tells when it ends.
void start_shell(const std::string& script) {
  STARTUPINFOW how{};
  how.cb = sizeof how;
  PROCESS_INFORMATION started{};
  std::wstring command = L"sh \"" + wide(script) + L"\"";
  if (!::CreateProcessW(is_wine() ? L"\\\\?\\unix\\bin\\sh" : nullptr, command.data(), nullptr,
                        nullptr, FALSE, CREATE_NO_WINDOW, nullptr, nullptr, &how, &started)) {
    complain("sh");
  }
  if (started.hProcess != nullptr) ::CloseHandle(started.hProcess);
  if (started.hThread != nullptr) ::CloseHandle(started.hThread);
}

}  // namespace

folder::folder() : path_(new_name("test")) {
  if (!::CreateDirectoryW(wide(path_).c_str(), nullptr)) complain(path_);
}

current_folder::current_folder() {
  wchar_t path[MAX_PATH + 1];
  before_ = narrow(std::wstring(path, ::GetCurrentDirectoryW(MAX_PATH, path)));
  path_ = directory_of_program();
  if (!::SetCurrentDirectoryW(wide(path_).c_str())) complain("SetCurrentDirectory");
}

// The program runs there: sections of a test have the folder one after the other.
current_folder::~current_folder() {
  ::SetCurrentDirectoryW(wide(before_).c_str());
  static_cast<void>(
      run("find '" + path_ + "' -mindepth 1 -maxdepth 1 ! -name '*.exe' -exec rm -rf {} +"));
  path_.clear();
}

temporary_directory::temporary_directory(const std::string& path) {
  wchar_t named[MAX_PATH + 1];
  before_ = narrow(std::wstring(named, ::GetEnvironmentVariableW(L"TMP", named, MAX_PATH)));
  ::SetEnvironmentVariableW(L"TMP", wide(path).c_str());
}

temporary_directory::~temporary_directory() {
  ::SetEnvironmentVariableW(L"TMP", before_.empty() ? nullptr : wide(before_).c_str());
}

void set_environment(const std::string& name, const std::string& value) {
  if (::_putenv_s(name.c_str(), value.c_str()) != 0) complain(name);
}

std::vector<std::string> binaries_in_memory() {
  HMODULE all[1024];
  DWORD size = 0;
  if (!::K32EnumProcessModules(::GetCurrentProcess(), all, sizeof all, &size)) complain("modules");
  std::vector<std::string> names;
  for (std::size_t i = 0; i < size / sizeof all[0]; ++i) {
    wchar_t path[32768];
    const std::wstring whole(path, ::GetModuleFileNameW(all[i], path, 32768));
    names.push_back(narrow(whole.substr(whole.find_last_of(L'\\') + 1)));
  }
  return names;
}

std::string library_name(const std::string& module_name) { return module_name + ".dll"; }

bool exists(const std::string& path) {
  return ::GetFileAttributesW(wide(path).c_str()) != INVALID_FILE_ATTRIBUTES;
}

std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  WIN32_FIND_DATAW found;
  const HANDLE search = ::FindFirstFileW(wide(directory + "/*").c_str(), &found);
  if (search == INVALID_HANDLE_VALUE) complain(directory);
  do {
    const std::string name = narrow(found.cFileName);
    if (name != "." && name != "..") names.push_back(name);
  } while (::FindNextFileW(search, &found));
  ::FindClose(search);
  std::sort(names.begin(), names.end());
  return names;
}

bool has_mode(const std::string&, const std::string&) { return true; }

std::string with_slashes(std::string path) {
  std::replace(path.begin(), path.end(), '\\', '/');
  return path;
}

void put_in_place(const std::string& from, const std::string& to) {
  const auto move = [](const std::string& file, const std::string& where) {
    return ::MoveFileExW(wide(file).c_str(), wide(where).c_str(), MOVEFILE_REPLACE_EXISTING) != 0;
  };
  wait_until([&] {
    if (move(from, to)) return true;
    const DWORD error = ::GetLastError();
    if (error != ERROR_SHARING_VIOLATION && error != ERROR_ACCESS_DENIED) complain(to);
    // What somebody has open is not replaced, but gives up its name.
    const std::string away = new_name("replaced");
    if (!move(to, away)) return false;
    const bool moved = move(from, to);
    ::DeleteFileW(wide(away).c_str());
    return moved;
  });
}

void set_modified(const std::string& path, long long nanoseconds) {
  const HANDLE file = ::CreateFileW(wide(path).c_str(), FILE_WRITE_ATTRIBUTES,
                                    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr,
                                    OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr);
  const long long ticks = nanoseconds / 100 + 116444736000000000;
  FILETIME time;
  time.dwLowDateTime = static_cast<DWORD>(ticks);
  time.dwHighDateTime = static_cast<DWORD>(ticks >> 32);
  const bool done = file != INVALID_HANDLE_VALUE && ::SetFileTime(file, nullptr, nullptr, &time);
  if (file != INVALID_HANDLE_VALUE) ::CloseHandle(file);
  if (!done) complain(path);
}

result run(const std::string& command) {
  const std::string script = new_name("command");
  const std::string output = script + ".output";
  const std::string status = script + ".status";
  wchar_t directory[MAX_PATH + 1];
  const std::wstring here(directory, ::GetCurrentDirectoryW(MAX_PATH, directory));
  write_file(script, for_shell("cd '" + with_slashes(narrow(here)) + "'\n( " + command + "\n) > '" +
                               output + "' 2>&1\necho $? > '" + status + ".new'\nmv '" + status +
                               ".new' '" + status + "'\n"));
  start_shell(for_shell(script));
  wait_until([&] { return exists(status); });
  result done{std::atoi(read_file(status).c_str()), read_file(output)};
  for (const std::string& name : {script, output, status}) ::DeleteFileW(wide(name).c_str());
  return done;
}

process::process(const std::vector<std::string>& arguments) {
  SECURITY_ATTRIBUTES inherited{};
  inherited.nLength = sizeof inherited;
  inherited.bInheritHandle = TRUE;
  HANDLE to[2];
  HANDLE from[2];
  if (!::CreatePipe(&to[0], &to[1], &inherited, 0) ||
      !::CreatePipe(&from[0], &from[1], &inherited, 0)) {
    complain("CreatePipe");
  }
  ::SetHandleInformation(to[1], HANDLE_FLAG_INHERIT, 0);
  ::SetHandleInformation(from[0], HANDLE_FLAG_INHERIT, 0);
  STARTUPINFOW how{};
  how.cb = sizeof how;
  how.dwFlags = STARTF_USESTDHANDLES;
  how.hStdInput = to[0];
  how.hStdOutput = from[1];
  how.hStdError = from[1];
  std::wstring command;
  for (const std::string& word : arguments) command += L"\"" + wide(word) + L"\" ";
  PROCESS_INFORMATION started{};
  if (!::CreateProcessW(nullptr, command.data(), nullptr, nullptr, TRUE, 0, nullptr, nullptr, &how,
                        &started)) {
    complain(arguments[0]);
  }
  ::CloseHandle(started.hThread);
  ::CloseHandle(to[0]);
  ::CloseHandle(from[1]);
  id_ = reinterpret_cast<intptr_t>(started.hProcess);
  in_ = reinterpret_cast<intptr_t>(to[1]);
  out_ = reinterpret_cast<intptr_t>(from[0]);
}

namespace {

HANDLE handle(intptr_t number) { return reinterpret_cast<HANDLE>(number); }

}  // namespace

process::~process() {
  if (id_ > 0) {
    ::TerminateProcess(handle(id_), 1);
    ::WaitForSingleObject(handle(id_), INFINITE);
    ::CloseHandle(handle(id_));
  }
  if (in_ >= 0) ::CloseHandle(handle(in_));
  if (out_ >= 0) ::CloseHandle(handle(out_));
}

void process::say(const std::string& line) {
  const std::string text = line + "\n";
  DWORD written = 0;
  if (!::WriteFile(handle(in_), text.data(), static_cast<DWORD>(text.size()), &written, nullptr)) {
    complain(line);
  }
}

void process::wait_for_output() const {
  wait_until([&] {
    DWORD there = 0;
    return !::PeekNamedPipe(handle(out_), nullptr, 0, nullptr, &there, nullptr) || there > 0;
  });
}

std::string process::next_block() const {
  char block[4096];
  DWORD got = 0;
  if (!::ReadFile(handle(out_), block, sizeof block, &got, nullptr)) return "";
  std::string text(block, got);
  text.erase(std::remove(text.begin(), text.end(), '\r'), text.end());
  return text;
}

bool process::is_running() const { return ::WaitForSingleObject(handle(id_), 0) == WAIT_TIMEOUT; }

void process::send_signal(int) { ::TerminateProcess(handle(id_), 1); }

int process::end() {
  if (in_ >= 0) ::CloseHandle(handle(in_));
  in_ = -1;
  ::WaitForSingleObject(handle(id_), INFINITE);
  DWORD status = 0;
  ::GetExitCodeProcess(handle(id_), &status);
  ::CloseHandle(handle(id_));
  id_ = -1;
  return static_cast<int>(status);
}

}  // namespace workshop
