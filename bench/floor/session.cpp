// Socket calls and frame assembly of one session.
#include "bench/floor/session.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "bench/floor/frames.hpp"

namespace parley::bench {
namespace {

constexpr std::size_t most_payload_bytes = 64UL * 1024; // as parleyd's frames are limited
constexpr std::size_t most_owed_bytes = 16UL * 1024 * 1024;
constexpr std::size_t blocks_per_write = 64;
constexpr unsigned binary = 2;
constexpr unsigned ping = 9;
constexpr unsigned pong = 10;

} // namespace

Session::~Session() { ::close(socket_); }

bool Session::receive(std::vector<char>& buffer, MessageSink& sink) {
  const std::size_t kept = leftover_.size();
  leftover_.copy(buffer.data(), kept);
  const ssize_t got = ::recv(socket_, buffer.data() + kept, buffer.size() - kept, 0);
  if (got <= 0)
    return got < 0 && (errno == EAGAIN || errno == EINTR);
  const std::size_t size = kept + static_cast<std::size_t>(got);
  std::size_t taken = 0;
  const bool goes_on = take(buffer.data(), size, taken, sink);
  leftover_.assign(buffer.data() + taken, size - taken);
  return goes_on && leftover_.size() <= most_payload_bytes + 14;
}

bool Session::take(char* bytes, std::size_t size, std::size_t& taken, MessageSink& sink) {
  if (!upgraded_)
    taken = take_upgrade({bytes, size});
  while (upgraded_) {
    ClientFrame frame;
    if (!read_client_frame({bytes + taken, size - taken}, most_payload_bytes, frame))
      return false;
    if (frame.frame_bytes == 0)
      return true;
    char* payload = bytes + taken + frame.payload_at;
    unmask(payload, frame.payload_bytes, frame.mask);
    taken += frame.frame_bytes;
    if (!frame.final || !take_frame(frame.opcode, {payload, frame.payload_bytes}, sink))
      return false;
  }
  return size < most_payload_bytes;
}

/// The response goes out at once: nothing else is owed to a socket that is not upgraded yet.
std::size_t Session::take_upgrade(std::string_view bytes) {
  const auto end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos)
    return 0;
  const std::string response = upgrade_response(bytes.substr(0, end + 4));
  upgraded_ = !response.empty() && ::send(socket_, response.data(), response.size(),
                                          MSG_NOSIGNAL) == static_cast<ssize_t>(response.size());
  if (!upgraded_)
    ::shutdown(socket_, SHUT_RDWR);
  return end + 4;
}

bool Session::take_frame(unsigned opcode, std::string_view payload, MessageSink& sink) {
  if (opcode == binary) {
    sink.on_message(*this, payload);
  } else if (opcode == ping) {
    std::string frame;
    append_frame_header(frame, pong, payload.size());
    queue(std::make_shared<const std::string>(frame.append(payload)));
    return flush();
  }
  return opcode == binary || opcode == ping || opcode == pong;
}

void Session::queue_answers() {
  if (answers_.empty())
    return;
  std::string frame;
  frame.reserve(answers_.size() + 10);
  append_frame_header(frame, binary, answers_.size());
  queue(std::make_shared<const std::string>(frame.append(answers_)));
  std::string().swap(answers_); // most sessions have answers now and then only
}

void Session::queue(const Block& block) {
  owed_.push_back(block);
  owed_bytes_ += block->size();
}

bool Session::flush() {
  while (owed_bytes_ > 0) {
    std::array<iovec, blocks_per_write> pieces; // NOLINT(cppcoreguidelines-pro-type-member-init)
    const std::size_t count = std::min(owed_.size(), pieces.size());
    for (std::size_t i = 0; i < count; ++i)
      pieces[i] = {const_cast<char*>(owed_[i]->data()), owed_[i]->size()};
    pieces[0].iov_base = static_cast<char*>(pieces[0].iov_base) + gone_;
    pieces[0].iov_len -= gone_;
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = count;
    const ssize_t bytes = ::sendmsg(socket_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (bytes < 0)
      return (errno == EAGAIN || errno == EINTR) && owed_bytes_ <= most_owed_bytes;
    wrote(static_cast<std::size_t>(bytes));
  }
  return true;
}

void Session::wrote(std::size_t bytes) {
  owed_bytes_ -= bytes;
  bytes += gone_;
  auto first = owed_.begin();
  while (first != owed_.end() && bytes >= (*first)->size())
    bytes -= (*first++)->size();
  owed_.erase(owed_.begin(), first);
  gone_ = bytes;
}

} // namespace parley::bench
