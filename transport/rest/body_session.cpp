// It begins at the end of a turn, when it can be replaced by what follows it.
#include "transport/rest/body_session.hpp"

#include <utility>

#include "actors/limits.hpp"
#include "transport/http_files.hpp"
#include "transport/rest/request.hpp"
#include "transport/rest/rest_session.hpp"
#include "transport/shard.hpp"

namespace parley {

body_session::body_session(shard& on, std::uint64_t key, link_ptr link, rest_request asked,
                           std::string_view head, std::string received)
    : file_session(on, key, std::move(link), asked.how), asked_(std::move(asked)), reader_(head),
      received_(std::move(received)), deadline_(shard::now() + limits::header_deadline) {
  on.arm(key, deadline_);
  on.mark_dirty(*this);
}

void body_session::begin() {
  if (!std::exchange(is_new_, false) || is_answered()) // the server may stop meanwhile
    return;
  who_ = asker_of(asked_, on().shared()->authenticate(asked_.bearer));
  if (!who_)
    return refuse(problem_of(who_.error()));
  if (asked_.expects_continue && received_.empty())
    send("HTTP/1.1 100 Continue\r\n\r\n");
  if (!is_over())
    take(std::exchange(received_, {}));
}

void body_session::on_readable() {
  if (is_new_ || is_answered()) // it begins at the end of this turn
    return;
  const auto buffer = on().receive_buffer();
  const ssize_t got = link()->receive(buffer);
  if (got < 0)
    return drop();
  take({buffer.data(), static_cast<std::size_t>(got)});
}

void body_session::take(std::string_view received) {
  body_ += reader_.take(received);
  if (body_.size() > limits::frame_bytes)
    return refuse(problem_of({error_code::too_large, "the body is too long", {}}));
  if (reader_.is_broken())
    return refuse(problem_of({error_code::bad_request, "the body is malformed", {}}));
  if (!reader_.is_done())
    return link()->await_readable();
  shard& here = on();
  auto next =
      std::make_unique<rest_session>(here, key(), leave_link(), std::move(asked_), std::move(*who_),
                                     std::move(body_), std::move(reader_).rest());
  here.replace(*this, std::move(next));
}

// The rest of the body is not wanted.
void body_session::refuse(http_answer what) {
  what.close = true;
  deadline_ = shard::now() + limits::header_deadline;
  on().arm(key(), deadline_);
  answer(std::move(what));
}

void body_session::on_sent() {
  if (is_answered())
    end();
}

void body_session::on_deadline(instant now) {
  if (now < deadline_ || is_over())
    return;
  if (is_answered())
    return drop();
  refuse(problem(408, "bad_request", "the request took too long"));
}

void body_session::drain(instant) {
  if (!is_over() && !is_answered())
    refuse(problem_of({error_code::unavailable, "the server stops", {}}));
}

} // namespace parley
