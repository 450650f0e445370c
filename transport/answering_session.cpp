// It begins at the end of a turn, when it can be replaced by what follows it.
#include "transport/answering_session.hpp"

#include <algorithm>
#include <utility>

#include "actors/limits.hpp"
#include "transport/http_files.hpp"
#include "transport/shard.hpp"

namespace parley {

answering_session::answering_session(shard& on, std::uint64_t key, link_ptr link,
                                     request_manner how, std::string received)
    : file_session(on, key, std::move(link), std::move(how)), received_(std::move(received)) {
  set_deadline();
  on.mark_dirty(*this);
}

void answering_session::flush(instant) {
  if (std::exchange(is_new_, false))
    begin();
  else if (!is_over())
    on_turn();
}

void answering_session::on_sent() {
  if (has_more() && !is_answered())
    return read();
  if (closes() || how().close)
    end();
  else
    go_back(std::move(received_));
}

void answering_session::reply(http_answer what) {
  set_deadline();
  answer(std::move(what));
}

void answering_session::refuse(const failure& why) { reply(problem_of(why)); }

void answering_session::set_deadline() {
  deadline_ = std::min(shard::now() + limits::download_stall, ends_by_);
  on().arm(key(), deadline_);
}

// What takes long here is not held against the client; of the end of an answer little may be left.
void answering_session::on_deadline(instant now) {
  if (now < deadline_ || is_over())
    return;
  const auto least = has_more() && !is_answered() ? limits::file_progress_bytes : 1;
  if (now >= ends_by_ && !is_answered() && !is_sending())
    return on_too_late();
  if (now >= ends_by_ || (is_sending() && take_sent() < least))
    return drop();
  set_deadline();
}

void answering_session::drain(instant) {
  if (is_over())
    return;
  if (!finishes_soon() || !on().draining_until())
    return drop();
  end_by(*on().draining_until());
  set_deadline();
}

} // namespace parley
