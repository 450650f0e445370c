// epoll, the listener, and the order of a turn: all reads first, then one write per session.
#include "bench/floor/loop.hpp"

#include <array>
#include <csignal>
#include <utility>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/failure.hpp"

namespace parley::bench {
namespace {

constexpr int events_per_turn = 1024;
constexpr int backlog = 4096;
constexpr std::size_t buffer_bytes = 256UL * 1024; // what one read may take

sockaddr_in address_of(const std::string& text) {
  const auto colon = text.rfind(':');
  sockaddr_in address{};
  address.sin_family = AF_INET;
  if (colon == std::string::npos ||
      inet_pton(AF_INET, text.substr(0, colon).c_str(), &address.sin_addr) != 1)
    fail("not an address: ", text);
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoul(text.substr(colon + 1))));
  return address;
}

int listen_on(const std::string& text) {
  const sockaddr_in address = address_of(text);
  const int file = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(file, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(file, backlog) != 0)
    fail_errno("cannot listen on ", text);
  return file;
}

int catch_signals() {
  sigset_t set{};
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

} // namespace

Loop::Loop(const std::string& address)
    : listener_(listen_on(address)), signals_(catch_signals()),
      epoll_(epoll_create1(EPOLL_CLOEXEC)), buffer_(buffer_bytes) {
  watch(listener_, &listener_, EPOLLIN, EPOLL_CTL_ADD);
  watch(signals_, &signals_, EPOLLIN, EPOLL_CTL_ADD);
}

Loop::~Loop() {
  for (Session* session : sessions_)
    delete session;
  for (const int file : {epoll_, signals_, listener_})
    ::close(file);
}

std::string Loop::address() const {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  char host[INET_ADDRSTRLEN] = {};
  inet_ntop(AF_INET, &address.sin_addr, host, sizeof host);
  return std::string(host) + ':' + std::to_string(ntohs(address.sin_port));
}

void Loop::watch(int file, void* what, unsigned events, int operation) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = what;
  if (epoll_ctl(epoll_, operation, file, &event) != 0)
    fail_errno("epoll_ctl");
}

void Loop::run() {
  std::vector<epoll_event> events(events_per_turn);
  while (!stopping_) {
    const int count = epoll_wait(epoll_, events.data(), events_per_turn, -1);
    if (count < 0 && errno != EINTR)
      fail_errno("epoll_wait");
    for (int i = 0; i < count; ++i) {
      const auto& event = events[static_cast<std::size_t>(i)];
      if (event.data.ptr == &listener_)
        accept_all();
      else if (event.data.ptr == &signals_)
        stopping_ = true;
      else
        handle(*static_cast<Session*>(event.data.ptr), event.events);
    }
    end_turn();
  }
}

void Loop::accept_all() {
  for (;;) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0)
      return;
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto session = std::make_unique<Session>(socket);
    watch(socket, session.get(), EPOLLIN, EPOLL_CTL_ADD);
    sessions_.insert(session.release());
  }
}

/// Only the session whose event this is may end here: others' events may still be to come.
void Loop::handle(Session& session, unsigned events) {
  if ((events & ~static_cast<unsigned>(EPOLLOUT)) != 0 && !session.receive(buffer_, rooms_))
    return end(session);
  if ((events & EPOLLOUT) != 0)
    write(session);
}

void Loop::end_turn() {
  for (Session* session : rooms_.end_turn()) {
    session->touched = false;
    write(*session);
  }
}

void Loop::write(Session& session) {
  if (!session.flush())
    return end(session);
  if (session.owes() == session.waits_for_writing)
    return;
  session.waits_for_writing = session.owes();
  watch(session.socket(), &session, session.owes() ? EPOLLIN | EPOLLOUT : EPOLLIN, EPOLL_CTL_MOD);
}

void Loop::end(Session& session) {
  rooms_.forget(session);
  sessions_.erase(&session);
  delete &session;
}

} // namespace parley::bench
