// One buffer is sent before there is another one: nothing piles up.
#include "transport/file_session.hpp"

#include <chrono>
#include <utility>

#include <spdlog/spdlog.h>

#include "actors/log_line.hpp"
#include "transport/http_manner.hpp"
#include "transport/http_session.hpp"
#include "transport/lingering_session.hpp"
#include "transport/shard.hpp"

namespace parley {

namespace {

http_class class_of(int status) {
  if (status < 400)
    return http_class::good;
  return status < 500 ? http_class::refused : http_class::failed;
}

} // namespace

file_session::file_session(shard& on, std::uint64_t key, link_ptr link, request_manner how)
    : socket_session(key), shard_(on), link_(std::move(link)), how_(std::move(how)),
      begun_(shard::now()) {
  link_->owned_by(this);
}

file_session::~file_session() {
  if (!link_)
    return;
  link_->owned_by(nullptr);
  link_->close();
}

void file_session::answer(http_answer what) {
  is_answered_ = true;
  what.close = what.close || how_.close || shard_.draining_until();
  closes_ = what.close;
  for (auto& each : fields_of_answer(how_))
    what.headers.push_back(std::move(each));
  note(what.status);
  send(serialize(what, how_.head_only ? "HEAD" : how_.method, shard_.shared()->config));
}

void file_session::note(int status) const {
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(shard::now() - begun_);
  spdlog::debug("http_request id={} trace={} operation={} status={} took_us={}",
                in_quotes(how_.request_id), how_.trace_id.empty() ? "-" : how_.trace_id,
                how_.operation, status, took.count());
  of(shard_.shared()->metrics->http_answers, class_of(status)).add();
}

void file_session::send(std::string bytes) {
  out_ = std::move(bytes);
  sent_ = 0;
  write();
}

void file_session::write() {
  if (is_over_)
    return;
  while (sent_ < out_.size()) {
    const iovec piece{out_.data() + sent_, out_.size() - sent_};
    const ssize_t took = link_->send({&piece, 1});
    if (took < 0)
      return drop();
    if (took == 0)
      return link_->await_writable();
    sent_ += static_cast<std::size_t>(took);
    progress_ += static_cast<std::uint64_t>(took);
  }
  if (!std::exchange(out_, {}).empty())
    on_sent();
}

void file_session::leave() {
  is_over_ = true;
  me_.reset();
  let_go();
}

link_ptr file_session::leave_link() {
  leave();
  return std::move(link_);
}

const std::shared_ptr<shard_door>& file_session::door() const noexcept { return shard_.door(); }

void file_session::go_back(std::string received) {
  if (shard_.draining_until())
    return end();
  leave();
  shard& on = shard_;
  auto next = std::make_unique<http_session>(on, key(), std::move(link_), std::move(received));
  http_session& behind = *next;
  on.replace(*this, std::move(next));
  on.mark_dirty(behind); // it may have its next request already
}

void file_session::end() {
  leave();
  shard& on = shard_;
  on.replace(*this, std::make_unique<lingering_session>(on, key(), std::move(link_)));
}

void file_session::drop() {
  leave();
  shard_.bury(*this);
}

} // namespace parley
