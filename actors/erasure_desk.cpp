// The eraser does the rest.
#include "actors/erasure_desk.hpp"

#include <utility>

namespace parley {

namespace {

/// Bytes of ids, in hexadecimal twice as many digits.
constexpr std::size_t receipt_id_bytes = 16;
constexpr std::size_t pseudonym_bytes = 8;

} // namespace

record_ptr record_of_erasure(const user_erasure& step, timestamp now) {
  auto made = std::make_shared<record>();
  made->kind = record_kind::user_erased;
  made->at = now;
  made->event = encode_erasure_step(step);
  return made;
}

namespace {

failure already_erased() { return {error_code::conflict, "this user is being erased", {}}; }

failure held_refusal(std::uint64_t conversations) {
  return {error_code::forbidden,
          "the user has messages in held conversations (" + std::to_string(conversations) +
              "), which are not deleted before their holds end",
          {}};
}

// Nobody speaks as the user from now on: what they have said so far is in the log before this.
void begin_erasure(const context_ptr& in, const user_id& user, erasure_policy policy,
                   told<user_erasure> to) {
  if (!in->erasing->begin(user))
    return to(already_erased());
  user_erasure begun;
  begun.user = user;
  begun.user_hash = hash_of(user);
  begun.policy = policy;
  begun.begun_at = in->wall_clock();
  begun.id = hex(digest_of({"erasure", in->random_id()}), receipt_id_bytes);
  begun.pseudonym =
      user_id{"erased:" + hex(digest_of({"pseudonym", in->random_id()}), pseudonym_bytes)};
  append what{{}, {}, record_of_erasure(begun, begun.begun_at), {}};
  what.told = [in, begun, to = std::move(to)](const outcome& how) {
    if (!how) {
      in->erasing->end(begun.user);
      return to(how.error());
    }
    tell_from_outside(in->handles->eraser, erasure_due{});
    to(begun);
  };
  tell_from_outside(in->handles->log_writer, std::move(what));
}

} // namespace

// What is held a moment later is waited for.
void erasure_desk::begin(const user_id& user, erasure_policy policy, told<user_erasure> to) {
  const told<user_erasure> told_them = [metrics = context_->metrics,
                                        to = std::move(to)](const result<user_erasure>& begun) {
    of(metrics->erasures, begun ? erasing_stage::begun : erasing_stage::refused).add();
    to(begun);
  };
  if (context_->erasing->contains(user))
    return told_them(already_erased());
  if (policy == erasure_policy::anonymise)
    return begin_erasure(context_, user, policy, told_them);
  const auto counted = [in = context_, user, policy, told_them](const result<std::uint64_t>& held) {
    if (!held)
      return told_them(held.error());
    if (*held > 0)
      return told_them(held_refusal(*held));
    begin_erasure(in, user, policy, told_them);
  };
  tell_from_outside(context_->handles->reader,
                    read_erasures{find_held_messages{user, counted}, context_->marks->committed()});
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
