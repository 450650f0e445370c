// Decodes envelopes by the field lists of the commands, whatever encoding they came in.
#include "transport/codec.hpp"

#include <array>
#include <optional>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>

#include "actors/command_form.hpp"
#include "actors/fields.hpp"
#include "actors/limits_people.hpp"
#include "actors/msgpack_form.hpp"
#include "actors/msgpack_reader.hpp"
#include "actors/plain_text.hpp"
#include "actors/utf8.hpp"
#include "transport/json.hpp"

namespace parley {

namespace {

// --- An envelope, taken apart --------------------------------------------------------------------

/// A key and the MessagePack of its value.
struct wire_field {
  std::string_view key;
  std::string_view value;
};

struct wire_map {
  std::array<wire_field, limits::envelope_keys> fields;
  std::size_t count = 0;
  std::uint64_t lengths = 0; ///< A bit for each length that a key has: most fields are left out.
  msgpack_flaw flaw = msgpack_flaw::none;

  std::span<const wire_field> all() const { return std::span{fields}.first(count); }
  static std::uint64_t length_bit(std::string_view key) {
    return std::uint64_t{1} << (key.size() % 64);
  }
  std::optional<std::string_view> find(std::string_view key) const {
    if ((lengths & length_bit(key)) == 0)
      return std::nullopt;
    for (const auto& each : all())
      if (each.key == key)
        return each.value;
    return std::nullopt;
  }
};

bool has_duplicates(const wire_map& map) {
  for (std::size_t i = 0; i < map.count; ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (map.fields[i].key == map.fields[j].key)
        return true;
  return false;
}

/// Takes one map off the front of `rest`; false when it is not one, is cut off or too deep.
bool take_map(std::string_view& rest, wire_map& map) {
  msgpack_head head;
  if (!take_head(rest, head) || head.kind != msgpack_kind::map)
    return false;
  if (head.number > map.fields.size())
    return false;
  for (std::uint64_t i = 0; i < head.number; ++i) {
    msgpack_head key;
    if (!take_head(rest, key) || key.kind != msgpack_kind::text || !is_utf8(key.bytes))
      return false;
    const std::string_view before = rest;
    if (!take_value(rest, limits::depth - 1, map.flaw))
      return false;
    map.lengths |= wire_map::length_bit(key.bytes);
    map.fields[map.count++] = {key.bytes, before.substr(0, before.size() - rest.size())};
  }
  return true;
}

msgpack_head head_of(std::string_view value) {
  msgpack_head head;
  take_head(value, head);
  return head;
}

// --- ref -----------------------------------------------------------------------------------------

/// Nothing when there is a `ref` that cannot be given back.
std::optional<reference> read_ref(const wire_map& map) {
  const auto value = map.find("ref");
  if (!value)
    return reference{};
  const msgpack_head head = head_of(*value);
  switch (head.kind) {
  case msgpack_kind::nil:
    return reference{};
  case msgpack_kind::text:
    if (head.bytes.size() > limits::ref_bytes || !is_utf8(head.bytes))
      return std::nullopt;
    return reference{std::string{head.bytes}};
  case msgpack_kind::unsigned_integer:
    if (head.number > limits::largest_number + 1)
      return std::nullopt;
    return reference{static_cast<std::int64_t>(head.number)};
  case msgpack_kind::negative_integer:
    if (head.negative < -static_cast<std::int64_t>(limits::largest_number) - 1)
      return std::nullopt;
    return reference{head.negative};
  default:
    return std::nullopt;
  }
}

// --- Fields --------------------------------------------------------------------------------------

failure refuse_field(std::string_view name, std::string_view why,
                     error_code code = error_code::bad_request) {
  return {code, std::string{name} + " " + std::string{why}, {}};
}

using mistake = std::optional<failure>;

/// What people wrote, as it is kept.
mistake read_plain(std::string_view name, const msgpack_head& head, std::size_t most,
                   std::string& into) {
  if (head.kind != msgpack_kind::text)
    return refuse_field(name, "must be a string");
  if (head.bytes.size() > most)
    return refuse_field(name, "is too long", error_code::too_large);
  if (!take_plain_text(head.bytes, into))
    return refuse_field(name, "has characters that no text has");
  if (into.size() > most)
    return refuse_field(name, "is too long", error_code::too_large);
  return {};
}

mistake read(std::string_view name, std::string_view value, std::string& into) {
  const msgpack_head head = head_of(value);
  if (name == "emoji" && head.kind == msgpack_kind::text &&
      (head.bytes.empty() || head.bytes == poisonous_key)) // it becomes a key
    return refuse_field(name, "is no emoji");
  if (is_written_by_people(name))
    return read_plain(name, head, text_limit(name), into);
  if (head.kind != msgpack_kind::text)
    return refuse_field(name, "must be a string");
  if (head.bytes.size() > text_limit(name))
    return refuse_field(name, "is too long", error_code::too_large);
  into = head.bytes;
  return {};
}

template <class Tag>
mistake read(std::string_view name, std::string_view value, text_id<Tag>& into) {
  const msgpack_head head = head_of(value);
  if (head.kind != msgpack_kind::text)
    return refuse_field(name, "must be a string");
  if (head.bytes.empty() || head.bytes.size() > limits::id_bytes)
    return refuse_field(name, "must have 1 to 128 bytes");
  into = text_id<Tag>{std::string{head.bytes}};
  return {};
}

mistake read(std::string_view name, std::string_view value, std::uint64_t& into) {
  const msgpack_head head = head_of(value);
  if (head.kind != msgpack_kind::unsigned_integer || head.number > limits::largest_number)
    return refuse_field(name, "must be a whole number from 0 to 2^53 - 1");
  into = head.number;
  return {};
}

mistake read(std::string_view name, std::string_view value, bool& into) {
  const msgpack_head head = head_of(value);
  if (head.kind != msgpack_kind::boolean)
    return refuse_field(name, "must be true or false");
  into = head.truth;
  return {};
}

/// What each kind of word may be.
constexpr auto word_parsers =
    std::make_tuple(parse_kind, parse_status, parse_audience, parse_notify_level,
                    parse_search_order, parse_shown_past, parse_role);

template <class Word, class = std::enable_if_t<std::is_enum_v<Word>>>
mistake read(std::string_view name, std::string_view value, Word& into) {
  using parser = std::optional<Word> (*)(std::string_view) noexcept;
  const auto found = std::get<parser>(word_parsers)(head_of(value).bytes);
  if (!found)
    return refuse_field(name, "has an unknown value");
  into = *found;
  return {};
}

mistake read(std::string_view name, std::string_view value, application_data& into) {
  if (head_of(value).kind != msgpack_kind::map)
    return refuse_field(name, "must be a map");
  into.msgpack = shortest_form(value);
  if (into.msgpack.size() > limits::meta_bytes)
    return refuse_field(name, "is too long", error_code::too_large);
  return {};
}

/// A map from texts; `take` is told each key and its value, and says whether they are good ones.
template <class Take>
mistake read_pairs(std::string_view name, std::string_view value, std::string_view rule,
                   Take&& take) {
  msgpack_head head;
  if (!take_head(value, head) || head.kind != msgpack_kind::map)
    return refuse_field(name, "must be a map");
  for (std::uint64_t i = 0; i < head.number; ++i) {
    msgpack_head key;
    msgpack_head what;
    if (!take_head(value, key) || !take_head(value, what))
      return refuse_field(name, "is malformed");
    if (key.kind != msgpack_kind::text || !take(key.bytes, what))
      return refuse_field(name, rule);
  }
  return {};
}

mistake read(std::string_view name, std::string_view value, permissions& into) {
  return read_pairs(name, value, "must name rights and roles",
                    [&](std::string_view key, const msgpack_head& least) {
                      const auto which = parse_right(key);
                      const auto whose = parse_role(least.bytes);
                      if (least.kind != msgpack_kind::text || !which || !whose)
                        return false;
                      into[*which] = whose;
                      return true;
                    });
}

mistake read(std::string_view name, std::string_view value, retention_bounds& into) {
  return read_pairs(name, value, "must be numbers of `days` and `messages`",
                    [&](std::string_view key, const msgpack_head& bound) {
                      if (bound.kind != msgpack_kind::unsigned_integer ||
                          bound.number > limits::largest_number ||
                          (key != "days" && key != "messages"))
                        return false;
                      (key == "days" ? into.days : into.messages) = bound.number;
                      return true;
                    });
}

template <class Element>
mistake read(std::string_view name, std::string_view value, std::vector<Element>& into) {
  msgpack_head head;
  if (!take_head(value, head) || head.kind != msgpack_kind::array)
    return refuse_field(name, "must be an array");
  if (head.number > limits::users_per_command)
    return refuse_field(name, "has too many elements", error_code::too_large);
  into.resize(head.number);
  for (auto& each : into) {
    const std::string_view element = value;
    msgpack_flaw flaw{};
    if (!take_value(value, limits::depth, flaw))
      return refuse_field(name, "is malformed");
    if (auto wrong = read(name, element.substr(0, element.size() - value.size()), each))
      return wrong;
  }
  return {};
}

/// A field that may be left out; `null` counts as left out.
template <class Value>
mistake read_if_there(std::string_view name, std::optional<std::string_view> value,
                      std::optional<Value>& into) {
  if (!value || head_of(*value).kind == msgpack_kind::nil)
    return {};
  return read(name, *value, into.emplace());
}

template <class Value>
mistake read_if_there(std::string_view name, std::optional<std::string_view> value, Value& into) {
  if (!value)
    return refuse_field(name, "is missing");
  return read(name, *value, into);
}

/// Here `null` takes away what was there.
mistake read_if_there(std::string_view name, std::optional<std::string_view> value,
                      std::optional<erasable_text>& into) {
  if (!value)
    return {};
  const msgpack_head head = head_of(*value);
  std::string& text = into.emplace().text;
  if (head.kind == msgpack_kind::nil)
    return {};
  if (auto wrong = read_plain(name, head, profile_limit(name), text))
    return wrong;
  if (name == "name" && has_deceiving_marks(text))
    return refuse_field(name, "has characters that no text has");
  return {};
}

/// A body may be empty where there are files.
template <class Command>
mistake find_missing_body(const Command& what) {
  bool may_be_empty = true;
  if constexpr (std::is_same_v<Command, send_message>)
    may_be_empty = what.files && !what.files->empty();
  else if constexpr (std::is_same_v<Command, edit_message>)
    may_be_empty = false;
  if constexpr (requires { what.body; })
    if (what.body.empty() && !may_be_empty)
      return refuse_field("body", "must not be empty");
  return {};
}

template <class Value>
constexpr bool is_optional = false;
template <class Value>
constexpr bool is_optional<std::optional<Value>> = true;

template <class Command>
decoded read_command(const wire_map& map, reference ref) {
  Command what;
  mistake wrong;
  // Keys that no field was found for yet, but for `type`, and `ref`, of which only some have one.
  std::size_t left = map.count - (std::holds_alternative<std::monostate>(ref) ? 1 : 2);
  for_each_field(what, [&](std::string_view name, auto& value) {
    const auto found = left > 0 && !wrong ? map.find(name) : std::nullopt;
    if (wrong || (!found && is_optional<std::remove_reference_t<decltype(value)>>))
      return;
    left -= found ? 1 : 0;
    if (auto problem_here = read_if_there(name, found, value))
      wrong = std::move(problem_here);
  });
  if (!wrong)
    wrong = find_missing_body(what);
  if (wrong)
    return rejection{std::move(ref), std::move(*wrong)};
  return envelope{std::move(ref), std::move(what)};
}

// --- Envelopes -----------------------------------------------------------------------------------

struct known_type {
  std::string_view name;
  decoded (*read)(const wire_map&, reference);
};

template <std::size_t... I>
constexpr auto list_types(std::index_sequence<I...>) {
  return std::array{known_type{std::variant_alternative_t<I, command>::name,
                               &read_command<std::variant_alternative_t<I, command>>}...};
}
constexpr auto known_types = list_types(std::make_index_sequence<std::variant_size_v<command>>{});

failure describe_flaw(msgpack_flaw flaw) {
  switch (flaw) {
  case msgpack_flaw::bad_text:
    return {error_code::bad_request, "text is not UTF-8", {}};
  case msgpack_flaw::bad_number:
    return {error_code::bad_request, "number is not finite", {}};
  case msgpack_flaw::too_many:
    return {error_code::too_large, "too many elements", {}};
  default:
    return {error_code::bad_request, "type of value is not allowed", {}};
  }
}

/// Answers when an answer is wanted; otherwise nobody could tell which envelope was meant.
decoded refuse_envelope(const reference& ref, failure why) {
  if (!std::holds_alternative<std::monostate>(ref))
    return rejection{ref, std::move(why)};
  return malformation{close_code::malformed, std::move(why.message)};
}

decoded read_envelope(const wire_map& map) {
  if (has_duplicates(map))
    return malformation{close_code::malformed, "a key appears twice"};
  auto ref = read_ref(map);
  if (!ref)
    return malformation{close_code::malformed, "ref is neither string nor integer"};
  if (map.flaw != msgpack_flaw::none)
    return refuse_envelope(*ref, describe_flaw(map.flaw));
  const auto type = map.find("type");
  const msgpack_head head = type ? head_of(*type) : msgpack_head{};
  if (head.kind != msgpack_kind::text)
    return refuse_envelope(*ref, refuse_field("type", "must be a string"));
  for (const auto& known : known_types)
    if (known.name == head.bytes)
      return known.read(map, std::move(*ref));
  return rejection{std::move(*ref), {error_code::unknown_type, "no such type", {}}};
}

/// Appends what one map means; false when nothing behind it is to be read.
bool decode_map(std::string_view& rest, std::vector<decoded>& out) {
  if (out.size() == limits::envelopes_per_message) {
    out.emplace_back(malformation{close_code::policy, "too many envelopes in a message"});
    return false;
  }
  wire_map map;
  out.push_back(take_map(rest, map)
                    ? read_envelope(map)
                    : decoded{malformation{close_code::malformed, "not a map in bounds"}});
  return !std::holds_alternative<malformation>(out.back());
}

void decode_msgpack(std::string_view rest, std::vector<decoded>& out) {
  while (!rest.empty() && decode_map(rest, out)) {
  }
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

/// The parser would take a NUL for the end of the text and pass over a byte order mark.
bool is_plain(std::string_view line) {
  return line.find('\0') == std::string_view::npos && !line.starts_with("\xef\xbb\xbf");
}

void decode_json(std::string_view rest, std::vector<decoded>& out) {
  bool readable = true;
  while (readable && !rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (is_blank(line))
      continue;
    const auto maps = is_plain(line) ? to_msgpack(line, limits::depth) : std::nullopt;
    std::string_view map = maps ? std::string_view{*maps} : std::string_view{"\xc1"};
    readable = decode_map(map, out);
  }
}

} // namespace

std::vector<decoded> decode(std::string_view message, encoding spoken) {
  std::vector<decoded> out;
  if (spoken == encoding::msgpack)
    decode_msgpack(message, out);
  else
    decode_json(message, out);
  if (out.empty())
    out.emplace_back(malformation{close_code::malformed, "no envelope"});
  return out;
}

} // namespace parley
