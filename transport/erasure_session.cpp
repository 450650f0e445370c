// The desk's answer comes back through the shard's door.
#include "transport/erasure_session.hpp"

#include <utility>

#include "actors/limits.hpp"
#include "transport/http_erasures.hpp"
#include "transport/http_files.hpp"
#include "transport/shard.hpp"

namespace parley {

erasure_session::erasure_session(shard& on, std::uint64_t key, link_ptr link, erasure_request asked,
                                 std::string received)
    : file_session(on, key, std::move(link)), asked_(std::move(asked)),
      received_(std::move(received)), deadline_(shard::now() + limits::download_stall) {
  on.arm(key, deadline_);
  on.mark_dirty(*this); // it begins at the end of this turn, when it is in its place
}

void erasure_session::begin() {
  if (!std::exchange(is_new_, false))
    return;
  const edge& all = *on().shared();
  if (!all.erasures)
    return refuse({error_code::not_found, "there is nothing here", {}});
  const auto who = all.authenticate(asked_.bearer);
  if (!who)
    return refuse(who.error());
  if (!who->admin)
    return refuse({error_code::forbidden, "this is for administrators", {}});
  auto back =
      back_to(on().door(), me_, [](erasure_session& me, const auto& what) { me.on_told(what); });
  if (asked_.user)
    all.erasures->begin(*asked_.user, asked_.policy, std::move(back));
  else
    all.erasures->find(asked_.receipt, std::move(back));
}

void erasure_session::on_told(const result<user_erasure>& what) {
  if (is_answered())
    return;
  if (!what)
    return refuse(what.error());
  answer(answer_erasure(*what, asked_.close), "GET");
}

void erasure_session::refuse(const failure& why) {
  auto what = problem_of(why);
  what.close = asked_.close;
  answer(what, "GET");
}

void erasure_session::on_sent() {
  if (closes() || asked_.close)
    end();
  else
    go_back(std::move(received_));
}

void erasure_session::on_deadline(instant now) {
  if (now >= deadline_ && !is_over())
    drop();
}

void erasure_session::drain(instant) {
  if (!is_over())
    drop();
}

} // namespace parley
