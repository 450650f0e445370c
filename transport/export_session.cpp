// Who it is, then portion by portion, as fast as the client takes them.
#include "transport/export_session.hpp"

#include <algorithm>
#include <utility>

#include "actors/limits_of_exports.hpp"
#include "transport/http_exports.hpp"
#include "transport/http_files.hpp"
#include "transport/shard.hpp"

namespace parley {

export_session::export_session(shard& on, std::uint64_t key, link_ptr link, export_request asked,
                               std::string received)
    : file_session(on, key, std::move(link)), asked_(std::move(asked)),
      received_(std::move(received)) {
  set_deadline();
  on.mark_dirty(*this); // it begins at the end of this turn, when it is in its place
}

void export_session::begin() {
  if (!std::exchange(is_new_, false))
    return;
  const edge& all = *on().shared();
  if (!all.exports)
    return refuse({error_code::not_found, "there is nothing here", {}});
  const auto who = all.authenticate(asked_.bearer);
  if (!who)
    return refuse(who.error());
  all.exports->open(asked_.what, *who,
                    back_to(on().door(), me_,
                            [](export_session& me, const auto& opened) { me.on_opened(opened); }));
}

void export_session::on_opened(const result<opened_export>& opened) {
  if (is_answered())
    return;
  if (!opened)
    return refuse(opened.error());
  archive_ = *opened;
  ends_by_ = shard::now() + limits::longest_export;
  is_sending_ = true;
  set_deadline();
  send(answer_export(asked_, on().shared()->config));
}

void export_session::on_sent() {
  if (!is_all_read_ && !is_answered())
    return read();
  if (closes() || asked_.close)
    end();
  else
    go_back(std::move(received_));
}

void export_session::read() {
  is_sending_ = false;
  archive_.bytes->read(
      back_to(on().door(), me_, [](export_session& me, const auto& bytes) { me.on_read(bytes); }));
}

// What was begun cannot be taken back: without its end everybody sees that it is not whole.
void export_session::on_read(const result<std::string>& bytes) {
  if (!bytes)
    return drop();
  is_all_read_ = bytes->empty();
  is_sending_ = true;
  set_deadline();
  if (asked_.chunked)
    send(chunk_of(*bytes));
  else if (is_all_read_)
    on_sent();
  else
    send(*bytes);
}

void export_session::refuse(const failure& why) {
  auto what = problem_of(why);
  what.close = asked_.close;
  open_to_origin(what, asked_.origin);
  set_deadline();
  answer(what, "GET");
}

void export_session::let_go() {
  me_.reset();
  archive_ = {};
}

void export_session::set_deadline() {
  deadline_ = std::min(shard::now() + limits::download_stall, ends_by_);
  on().arm(key(), deadline_);
}

// Each portion has its time; whoever takes longer over one has to get on with it, as in a download.
void export_session::on_deadline(instant now) {
  if (now < deadline_ || is_over())
    return;
  const bool waits_for_client = is_sending_ || is_answered();
  if (now >= ends_by_ || (waits_for_client && take_sent() < limits::file_progress_bytes))
    return drop();
  set_deadline();
}

void export_session::drain(instant) {
  if (!is_over())
    drop();
}

} // namespace parley
