// SPDX-License-Identifier: MIT

// The program: an HTTP/1.1 server on 127.0.0.1, at the port that is its argument; without one, or
// with 0, at any port that is free. It prints which. Connections and what is known of the visitors
// are here; what they are answered is the module's. A request gets the code that is newest when it
// has arrived, on connections that were there before as well.
//
// One thread, which waits in poll() for all clients at once. A thread for each client would do too,
// since calls of modules take no lock. But what the module works on would need one as soon as
// visitors share something, and here nobody has to think of it. The price: while the module works
// on one answer the other clients wait.

#include <arpa/inet.h>   // htonl, htons, ntohs
#include <fcntl.h>       // fcntl
#include <netinet/in.h>  // sockaddr_in
#include <poll.h>        // poll
#include <sys/socket.h>  // socket, bind, listen, accept, recv, send
#include <unistd.h>      // close

#include <algorithm>  // remove_if
#include <cctype>     // tolower
#include <cerrno>     // errno
#include <csignal>    // signal
#include <cstdint>    // uint16_t
#include <cstdio>     // perror, printf, fprintf
#include <cstdlib>    // exit, strtoul
#include <exception>  // exception
#include <sstream>    // istringstream
#include <string>     // string
#include <vector>     // vector

#include "site.hpp"

namespace {

constexpr std::size_t most_clients = 200;
constexpr std::size_t longest_head = 16384;  // bytes of a request, without a body

struct client {
  int socket;
  visitor who;
  std::string input;     // what has arrived and is not answered
  std::string output;    // what is to be sent
  bool is_last = false;  // nothing is read behind this request
};

void need(bool succeeded, const char* what) {
  if (succeeded) return;
  std::perror(what);
  std::exit(1);
}

int listen_at(std::uint16_t port) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  need(listener >= 0, "socket");
  const int yes = 1;  // else the port of a server that has just ended is taken for a minute
  need(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0, "setsockopt");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  need(bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0, "bind");
  need(listen(listener, SOMAXCONN) == 0, "listen");
  need(fcntl(listener, F_SETFL, O_NONBLOCK) == 0, "fcntl");  // who calls may be gone at accept()
  need(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0, "getsockname");
  std::printf("http://127.0.0.1:%d/\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return listener;
}

response ask_site(const request& asked, visitor& who) {
  try {
    return site::answer(asked, who);
  } catch (const std::exception& problem) {  // the module's, or dymod's: there is no first build
    std::fprintf(stderr, "%s: %s\n", asked.path.c_str(), problem.what());
    return {500, "Something is wrong here.\n"};
  }
}

void answer(client& to, const std::string& head) {
  std::istringstream lines(head);
  request asked;
  std::string version;
  lines >> asked.method >> asked.path >> version;
  bool has_host = false;
  bool has_body = false;
  for (std::string line; std::getline(lines, line);) {
    for (char& each : line)
      each = static_cast<char>(std::tolower(static_cast<unsigned char>(each)));
    has_host = has_host || line.rfind("host:", 0) == 0;
    has_body = has_body || line.rfind("transfer-encoding:", 0) == 0 ||
               line.rfind("content-length:", 0) == 0;
    if (line.rfind("connection:", 0) == 0 && line.find("close") != line.npos) to.is_last = true;
  }

  response given{400, "This is no HTTP/1.1.\n"};
  if (version != "HTTP/1.1" || !has_host) {
    to.is_last = true;
  } else if (has_body) {
    given = {501, "This server reads no bodies.\n"};
    to.is_last = true;
  } else {
    ++to.who.requests;
    given = ask_site(asked, to.who);
  }
  to.output += "HTTP/1.1 " + std::to_string(given.status) +
               " \r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: " +
               std::to_string(given.body.size()) + (to.is_last ? "\r\nConnection: close" : "") +
               "\r\n\r\n";
  if (asked.method != "HEAD") to.output += given.body;
}

// False: the connection is over.
bool serve(client& to) {
  if (to.output.empty()) {
    char bytes[4096];
    const ssize_t count = recv(to.socket, bytes, sizeof bytes, 0);
    if (count <= 0) return count < 0 && (errno == EAGAIN || errno == EINTR);
    to.input.append(bytes, static_cast<std::size_t>(count));
    for (std::size_t end; !to.is_last && (end = to.input.find("\r\n\r\n")) != to.input.npos;) {
      const std::string head = to.input.substr(0, end);
      to.input.erase(0, end + 4);
      answer(to, head);
    }
    if (to.input.size() > longest_head) return false;
  }
  if (to.output.empty()) return true;
  const ssize_t count = send(to.socket, to.output.data(), to.output.size(), 0);
  if (count < 0) return errno == EAGAIN || errno == EINTR;
  to.output.erase(0, static_cast<std::size_t>(count));
  return !to.output.empty() || !to.is_last;
}

}  // namespace

int main(int count, char** arguments) {
  std::signal(SIGPIPE, SIG_IGN);  // a client that is gone is seen by what send() returns
  const int listener = listen_at(
      count > 1 ? static_cast<std::uint16_t>(std::strtoul(arguments[1], nullptr, 10)) : 0);
  unsigned visitors = 0;
  std::vector<client> clients;
  for (;;) {
    std::vector<pollfd> ready{{listener, 0, 0}};
    if (clients.size() < most_clients) ready[0].events = POLLIN;
    for (const client& each : clients)
      ready.push_back({each.socket, static_cast<short>(each.output.empty() ? POLLIN : POLLOUT), 0});
    need(poll(ready.data(), static_cast<nfds_t>(ready.size()), -1) > 0 || errno == EINTR, "poll");

    for (std::size_t index = 0; index < clients.size(); ++index) {
      client& each = clients[index];
      if (ready[index + 1].revents == 0 || serve(each)) continue;
      close(each.socket);
      each.socket = -1;
    }
    clients.erase(std::remove_if(clients.begin(), clients.end(),
                                 [](const client& each) { return each.socket < 0; }),
                  clients.end());

    if (ready[0].revents == 0) continue;
    const int socket = accept(listener, nullptr, nullptr);
    if (socket < 0) continue;
    need(fcntl(socket, F_SETFL, O_NONBLOCK) == 0, "fcntl");
    clients.push_back({socket, {++visitors, 0, ""}, "", "", false});
  }
}
