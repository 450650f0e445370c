// Spells what is said of the erasing of users.
#include "actors/erasures.hpp"

#include <openssl/sha.h>

#include "actors/encoding.hpp"

namespace parley {

std::string_view to_string(erasure_policy policy) noexcept {
  return policy == erasure_policy::anonymise ? "anonymise" : "delete";
}

std::optional<erasure_policy> policy_of(std::string_view name) noexcept {
  for (const auto each : {erasure_policy::anonymise, erasure_policy::remove})
    if (to_string(each) == name)
      return each;
  return std::nullopt;
}

digest hash_of(const user_id& user) {
  digest sum{};
  SHA256(reinterpret_cast<const unsigned char*>(user.str().data()), user.str().size(), sum.data());
  return sum;
}

std::string encode_user_erasure(const user_erasure& what) {
  const bool is_done = what.phase == erasure_phase::done;
  map_writer writer{"erasure"};
  writer.text("erasure", what.id)
      .text("pseudonym", what.pseudonym.str())
      .text("user_sha256", hex(what.user_hash, what.user_hash.size()))
      .text("policy", to_string(what.policy))
      .text("status", is_done ? "done" : "running")
      .time("begun_at", what.begun_at);
  if (is_done)
    writer.time("done_at", what.done_at);
  if (what.held > 0)
    writer.number("held", what.held);
  writer.number("conversations", what.conversations)
      .number("messages", what.messages)
      .number("files", what.files);
  if (what.damaged > 0)
    writer.number("damaged_messages", what.damaged);
  if (what.passed_over > 0)
    writer.number("damaged_conversations", what.passed_over);
  return std::move(writer).take();
}

std::string encode_erasure_step(const user_erasure& what) {
  map_writer map;
  map.text("erasure", what.id)
      .text("user", what.user.str())
      .text("pseudonym", what.pseudonym.str())
      .text("sha256", hex(what.user_hash, what.user_hash.size()))
      .number("policy", static_cast<std::uint64_t>(what.policy))
      .number("phase", static_cast<std::uint64_t>(what.phase));
  return std::move(map).take();
}

} // namespace parley
