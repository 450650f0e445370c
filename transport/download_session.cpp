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
    : answering_session(on, key, std::move(link), asked.how, std::move(received)),
      asked_(std::move(asked)) {}

void download_session::begin() {
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
  all.files->open(asked_.file, reader, !how().head_only, back(&download_session::on_opened));
}

void download_session::on_opened(const result<download>& opened) {
  if (is_answered())
    return;
  if (!opened)
    return refuse(opened.error());
  auto answer = answer_download(asked_, opened->what, on().shared()->config);
  file_ = opened->bytes;
  place_ = opened->place;
  end_by(shard::now() + limits::longest_download);
  next_ = answer.first;
  left_ = answer.count;
  set_deadline();
  note(answer.status);
  send(std::move(answer.head));
}

void download_session::read() {
  const auto most = std::min<std::uint64_t>(left_, limits::file_chunk_bytes);
  file_->read(next_, static_cast<std::size_t>(most), back(&download_session::on_read));
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

void download_session::let_go() {
  file_.reset();
  place_.reset();
}

} // namespace parley
