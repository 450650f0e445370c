// Keys and values of the rows about users who are erased.
#include <algorithm>

#include "persistence/schema_values.hpp"

namespace parley {

namespace {

digest digest_in(std::string_view bytes, packed_reader& from) {
  digest sum{};
  if (bytes.size() == sum.size())
    std::copy(bytes.begin(), bytes.end(), sum.begin());
  else
    from.fail();
  return sum;
}

/// Of two hexadecimal digits each.
std::string bytes_of_hex(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    const auto high = digits.find(text[i]);
    const auto low = digits.find(text[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos)
      return {};
    bytes.push_back(static_cast<char>(high * 16 + low));
  }
  return bytes;
}

} // namespace

std::string encode_row(const std::string& key, const erasure_row& row) {
  const user_erasure& what = row.what;
  packed_writer to;
  to.array(16)
      .text(what.user.str())
      .text(what.pseudonym.str())
      .binary(view_of(what.user_hash))
      .number(number_of(what.policy))
      .number(number_of(what.phase))
      .integer(to_wire(what.begun_at))
      .integer(to_wire(what.done_at))
      .number(what.conversations)
      .number(what.messages)
      .number(what.files)
      .number(what.forgotten ? 1 : 0)
      .number(what.settled.value())
      .number(row.stage)
      .binary(row.place)
      .number(what.damaged)
      .number(what.passed_over);
  return seal(model_table::erasures, key, std::move(to));
}

result<erasure_row> decode_erasure(std::string_view key, std::string_view value) {
  return open_row<erasure_row>(model_table::erasures, key, value,
                               [key](packed_reader& from, erasure_row& row) {
                                 expect(from, 16);
                                 user_erasure& what = row.what;
                                 what.id = std::string(key);
                                 what.user = user_id{std::string(from.text())};
                                 what.pseudonym = user_id{std::string(from.text())};
                                 what.user_hash = digest_in(from.binary(), from);
                                 what.policy = enum_of(from, erasure_policy::remove);
                                 what.phase = enum_of(from, erasure_phase::done);
                                 what.begun_at = time_of(from);
                                 what.done_at = time_of(from);
                                 what.conversations = from.number();
                                 what.messages = from.number();
                                 what.files = from.number();
                                 what.forgotten = from.number() != 0;
                                 what.settled = position{from.number()};
                                 row.stage = from.number();
                                 row.place = std::string(from.binary());
                                 what.damaged = from.number();
                                 what.passed_over = from.number();
                               });
}

std::optional<user_erasure> erasure_step_in(std::string_view event) {
  packed_reader from{event};
  user_erasure step;
  const std::size_t fields = from.map();
  for (std::size_t i = 0; i < fields && from.ok(); ++i) {
    const auto name = from.text();
    if (name == "erasure")
      step.id = std::string(from.text());
    else if (name == "user")
      step.user = user_id{std::string(from.text())};
    else if (name == "pseudonym")
      step.pseudonym = user_id{std::string(from.text())};
    else if (name == "sha256")
      step.user_hash = digest_in(bytes_of_hex(from.text()), from);
    else if (name == "policy")
      step.policy = enum_of(from, erasure_policy::remove);
    else if (name == "phase")
      step.phase = enum_of(from, erasure_phase::done);
    else
      from.skip();
  }
  const bool is_whole = from.done() && !step.id.empty() && !step.pseudonym.empty();
  return is_whole ? std::optional{std::move(step)} : std::nullopt;
}

} // namespace parley
