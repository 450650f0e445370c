// One buffer is sent before there is another one: nothing piles up.
#include "transport/file_session.hpp"

#include <utility>

#include "transport/http_session.hpp"
#include "transport/lingering_session.hpp"
#include "transport/shard.hpp"

namespace parley {

file_session::file_session(shard& on, std::uint64_t key, link_ptr link)
    : socket_session(key), shard_(on), link_(std::move(link)) {
  link_->owned_by(this);
}

file_session::~file_session() {
  if (!link_)
    return;
  link_->owned_by(nullptr);
  link_->close();
}

void file_session::answer(const http_answer& what, std::string_view method) {
  is_answered_ = true;
  closes_ = what.close;
  send(serialize(what, method, shard_.shared()->config));
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
