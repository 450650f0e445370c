// The answers that most decisions end with.
#include "actors/verdict.hpp"

#include <algorithm>
#include <utility>

#include "actors/encoding.hpp"
#include "actors/limits_people.hpp"

namespace parley {

say refuse_with(const asker& who, error_code code, std::string message) {
  return {encode_error(who.ref, {code, std::move(message), {}})};
}

// Which of them it is could be found out one by one anyhow.
say refuse_blocked(const asker& who, const std::vector<user_id>& blocked) {
  std::string message = "you and some of these are kept apart by a block: ";
  for (std::size_t i = 0; i < std::min(blocked.size(), limits::blocked_named); ++i)
    message += (i > 0 ? ", " : "") + blocked[i].str();
  if (blocked.size() > limits::blocked_named)
    message += ", and others";
  return refuse_with(who, error_code::forbidden, std::move(message));
}

say not_found(const asker& who) {
  return refuse_with(who, error_code::not_found, "no such conversation");
}

std::string if_asked(const asker& who, std::string envelope) {
  return std::holds_alternative<std::monostate>(who.ref) ? std::string{} : std::move(envelope);
}

say tell_if_asked(const asker& who, std::string envelope) {
  return {if_asked(who, std::move(envelope))};
}

} // namespace parley
