// Phase by phase; the desk's answers come back through the shard's door.
#include "transport/upload_session.hpp"

#include <utility>

#include "actors/limits.hpp"
#include "transport/http_files.hpp"
#include "transport/shard.hpp"

namespace parley {

upload_session::upload_session(shard& on, std::uint64_t key, link_ptr link, file_upload asked,
                               std::string_view head, std::string received)
    : file_session(on, key, std::move(link), asked.how), asked_(std::move(asked)), body_(head),
      received_(std::move(received)) {
  set_deadline();
  on.mark_dirty(*this); // it begins at the end of this turn, when it is in its place
}

void upload_session::begin() {
  if (phase_ != phase::new_here)
    return;
  phase_ = phase::opening;
  const edge& all = *on().shared();
  if (!all.files)
    return refuse({error_code::not_found, "nothing can be uploaded here", {}});
  const auto who = all.authenticate(asked_.bearer);
  if (!who)
    return refuse(who.error());
  all.files->begin({who->user, asked_.name, asked_.type, asked_.size},
                   back(&upload_session::on_begun));
}

void upload_session::on_begun(const result<std::shared_ptr<upload>>& begun) {
  if (is_answered())
    return;
  if (!begun)
    return refuse(begun.error());
  file_ = *begun;
  set_deadline();
  phase_ = phase::reading;
  if (asked_.expects_continue && received_.empty())
    send("HTTP/1.1 100 Continue\r\n\r\n");
  if (!is_over())
    take(std::exchange(received_, {}));
}

void upload_session::on_readable() {
  if (phase_ != phase::reading)
    return;
  const auto buffer = on().receive_buffer();
  const ssize_t got = link()->receive(buffer);
  if (got < 0)
    return drop();
  take({buffer.data(), static_cast<std::size_t>(got)});
}

void upload_session::take(std::string_view received) {
  std::string bytes = body_.take(received);
  if (body_.is_broken())
    return refuse({error_code::bad_request, "the body is malformed", {}});
  progress_ += bytes.size(); // of the file; what stands around it is none
  if (bytes.empty())
    return go_on();
  phase_ = phase::writing;
  file_->write(std::move(bytes), back(&upload_session::on_written));
}

void upload_session::on_written(const outcome& how) {
  if (is_answered())
    return;
  if (!how)
    return refuse(how.error());
  go_on();
}

void upload_session::go_on() {
  if (!body_.is_done()) {
    phase_ = phase::reading;
    return link()->await_readable();
  }
  phase_ = phase::finishing;
  file_->finish(back(&upload_session::on_finished));
}

void upload_session::on_finished(const result<file_facts>& how) {
  if (!how)
    return refuse(how.error());
  reply(answer_upload(*how));
}

// The rest of the body is not wanted.
void upload_session::refuse(const failure& why) {
  auto answer = problem_of(why);
  answer.close = true;
  reply(std::move(answer));
}

void upload_session::reply(http_answer what) {
  phase_ = phase::answering;
  file_.reset();
  set_deadline();
  answer(std::move(what));
}

void upload_session::on_sent() {
  if (!is_answered())
    return; // that was `100 Continue`
  if (closes())
    end();
  else
    go_back(std::move(body_).rest());
}

void upload_session::set_deadline() {
  progress_ = 0;
  deadline_ = shard::now() + limits::file_progress_interval;
  on().arm(key(), deadline_);
}

// What takes long here is not held against the client.
void upload_session::on_deadline(instant now) {
  if (now < deadline_ || is_over())
    return;
  if (phase_ == phase::answering)
    return drop();
  if (phase_ == phase::reading && progress_ < limits::file_progress_bytes) {
    auto answer = problem(408, "bad_request", "the upload took too long");
    return reply(std::move(answer));
  }
  set_deadline();
}

// A file that is nearly there may get there.
void upload_session::drain(instant) {
  if (phase_ != phase::finishing && phase_ != phase::answering && !is_over())
    refuse({error_code::unavailable, "the server stops", {}});
}

} // namespace parley
