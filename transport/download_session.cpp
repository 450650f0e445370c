// Who it is, whether they may, what they want of it, and then portion by portion.
#include "transport/download_session.hpp"

#include <algorithm>
#include <utility>

#include "actors/limits.hpp"
#include "transport/http_files.hpp"
#include "transport/shard.hpp"

namespace parley {

download_session::download_session(shard& on, std::uint64_t key, link_ptr link, file_download asked,
                                   std::string received)
    : file_session(on, key, std::move(link)), asked_(std::move(asked)),
      received_(std::move(received)) {
  set_deadline();
  on.mark_dirty(*this); // it begins at the end of this turn, when it is in its place
}

void download_session::begin() {
  if (!std::exchange(is_new_, false))
    return;
  const edge& all = *on().shared();
  if (!all.files)
    return refuse({error_code::not_found, "no such file", {}});
  user_id reader = asked_.user;
  if (asked_.bearer) {
    const auto who = all.authenticate(*asked_.bearer);
    if (!who)
      return refuse(who.error());
    reader = who->user;
  } else if (!all.is_good_address(asked_)) {
    return refuse({error_code::unauthenticated, "the address is not good, or no longer", {}});
  }
  all.files->open(asked_.file, reader, !asked_.head_only,
                  back_to(on().door(), me_,
                          [](download_session& me, const auto& opened) { me.on_opened(opened); }));
}

void download_session::on_opened(const result<download>& opened) {
  if (is_answered())
    return;
  if (!opened)
    return refuse(opened.error());
  auto answer = answer_download(asked_, opened->what, on().shared()->config);
  file_ = opened->bytes;
  place_ = opened->place;
  ends_by_ = shard::now() + limits::longest_download;
  next_ = answer.first;
  left_ = answer.count;
  is_sending_ = true;
  set_deadline();
  send(std::move(answer.head));
}

void download_session::on_sent() {
  if (left_ > 0 && !is_answered())
    return read();
  if (closes() || asked_.close)
    end();
  else
    go_back(std::move(received_));
}

void download_session::read() {
  const auto most = std::min<std::uint64_t>(left_, limits::file_chunk_bytes);
  file_->read(next_, static_cast<std::size_t>(most),
              back_to(on().door(), me_,
                      [](download_session& me, const auto& bytes) { me.on_read(bytes); }));
}

// What was announced cannot be taken back: the connection breaks off instead.
void download_session::on_read(const result<std::string>& bytes) {
  if (!bytes || bytes->empty())
    return drop();
  next_ += bytes->size();
  left_ -= bytes->size();
  of(on().shared()->metrics->file_bytes, file_way::downloaded).add(bytes->size());
  send(*bytes);
}

void download_session::refuse(const failure& why) {
  auto what = problem_of(why);
  what.close = asked_.close;
  open_to_origin(what, asked_.origin);
  set_deadline();
  answer(what, asked_.head_only ? "HEAD" : "GET");
}

void download_session::let_go() {
  me_.reset();
  file_.reset();
  place_.reset();
}

void download_session::set_deadline() {
  deadline_ = std::min(shard::now() + limits::download_stall, ends_by_);
  on().arm(key(), deadline_);
}

void download_session::on_deadline(instant now) {
  if (now < deadline_ || is_over())
    return;
  const bool waits_for_client = is_sending_ || is_answered();
  const auto least = left_ > 0 ? limits::file_progress_bytes : 1;
  if (waits_for_client && (take_sent() < least || now >= ends_by_))
    return drop();
  set_deadline();
}

void download_session::drain(instant) {
  if (!is_over())
    drop();
}

} // namespace parley
