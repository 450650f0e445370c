// The desk's answer comes back through the shard's door.
#include "transport/erasure_session.hpp"

#include <utility>

#include "actors/limits.hpp"
#include "transport/http_erasures.hpp"
#include "transport/shard.hpp"

namespace parley {

erasure_session::erasure_session(shard& on, std::uint64_t key, link_ptr link, erasure_request asked,
                                 std::string received)
    : answering_session(on, key, std::move(link), asked.how, std::move(received)),
      asked_(std::move(asked)) {
  end_by(shard::now() + limits::download_stall);
}

void erasure_session::begin() {
  const edge& all = *on().shared();
  if (!all.erasures)
    return refuse({error_code::not_found, "there is nothing here", {}});
  const auto who = all.authenticate(asked_.bearer);
  if (!who)
    return refuse(who.error());
  if (!who->admin)
    return refuse({error_code::forbidden, "this is for administrators", {}});
  if (asked_.user)
    all.erasures->begin(*asked_.user, asked_.policy, back(&erasure_session::on_told));
  else
    all.erasures->find(asked_.receipt, back(&erasure_session::on_told));
}

void erasure_session::on_told(const result<user_erasure>& what) {
  if (is_answered())
    return;
  if (!what)
    return refuse(what.error());
  reply(answer_erasure(how(), *what));
}

} // namespace parley
