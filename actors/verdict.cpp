// The answers that most decisions end with.
#include "actors/verdict.hpp"

#include <utility>

#include "actors/encoding.hpp"

namespace parley {

say refuse_with(const asker& who, error_code code, std::string message) {
  return {encode_error(who.ref, {code, std::move(message), {}})};
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
