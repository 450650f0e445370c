// The eraser does the rest.
#include "actors/erasure_desk.hpp"

#include <utility>

namespace parley {

namespace {

/// Bytes of ids, in hexadecimal twice as many digits.
constexpr std::size_t receipt_bytes = 16;
constexpr std::size_t pseudonym_bytes = 8;

} // namespace

record_ptr record_of_erasure(const user_erasure& step, timestamp now) {
  auto made = std::make_shared<record>();
  made->kind = record_kind::user_erased;
  made->at = now;
  made->event = encode_erasure_step(step);
  return made;
}

// Nobody speaks as the user from now on: what they have said so far is in the log before this.
void erasure_desk::begin(const user_id& user, erasure_policy policy, told<user_erasure> to) {
  if (!context_->erasing->begin(user))
    return to(failure{error_code::conflict, "this user is being erased", {}});
  user_erasure begun;
  begun.user = user;
  begun.user_hash = hash_of(user);
  begun.policy = policy;
  begun.begun_at = context_->wall_clock();
  begun.id = hex(digest_of({"erasure", context_->random_id()}), receipt_bytes);
  begun.pseudonym =
      user_id{"erased:" + hex(digest_of({"pseudonym", context_->random_id()}), pseudonym_bytes)};
  append what{{}, {}, record_of_erasure(begun, begun.begun_at), {}};
  what.told = [context = context_, begun, to = std::move(to)](const outcome& how) {
    if (!how) {
      context->erasing->end(begun.user);
      return to(how.error());
    }
    tell_from_outside(context->handles->eraser, erasure_due{});
    to(begun);
  };
  tell_from_outside(context_->handles->log_writer, std::move(what));
}

void erasure_desk::find(const std::string& id, told<user_erasure> to) {
  const auto tell_them = [to = std::move(to)](const result<std::vector<user_erasure>>& found) {
    if (!found)
      return to(found.error());
    if (found->empty())
      return to(failure{error_code::not_found, "no such receipt", {}});
    to(found->front());
  };
  tell_from_outside(context_->handles->reader,
                    read_erasures{find_erasures{id, tell_them}, context_->marks->committed()});
}

} // namespace parley
