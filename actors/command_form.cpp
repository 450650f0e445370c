// Walks a command's fields by their list, and knows a rule for each type of field.
#include "actors/command_form.hpp"

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "actors/fields.hpp"
#include "actors/msgpack_form.hpp"
#include "actors/msgpack_reader.hpp"
#include "actors/plain_text.hpp"
#include "actors/utf8.hpp"

namespace parley {

namespace {

/// Looks at one field after another; the first that is wrong is told.
class field_rules {
public:
  template <class Command>
  outcome look_at(Command& what) {
    for_each_field(what, [&](std::string_view name, auto& value) {
      name_ = name;
      if (!wrong_)
        take(value);
    });
    if (!wrong_ && bytes_ > limits::frame_bytes)
      return failure{error_code::too_large, "the command is too long", {}};
    if (!wrong_)
      look_at_body(what);
    return wrong_ ? outcome{std::move(*wrong_)} : success();
  }

private:
  void refuse(std::string_view why, error_code code = error_code::bad_request) {
    wrong_ = failure{code, std::string{name_} + " " + std::string{why}, {}};
  }

  void take_plain(std::string& text, std::size_t most) {
    bytes_ += text.size();
    std::string normal;
    if (text.size() > most)
      return refuse("is too long", error_code::too_large);
    if (!is_utf8(text) || !take_plain_text(text, normal))
      return refuse("has characters that no text has");
    if (normal.size() > most)
      return refuse("is too long", error_code::too_large);
    text = std::move(normal);
  }

  void take(std::string& text) {
    if (name_ == "emoji" && (text.empty() || text == poisonous_key)) // it becomes a key
      return refuse("is no emoji");
    if (is_written_by_people(name_))
      return take_plain(text, text_limit(name_));
    bytes_ += text.size();
    if (text.size() > text_limit(name_))
      return refuse("is too long", error_code::too_large);
    if (!is_utf8(text))
      refuse("is not UTF-8");
  }

  template <class Tag>
  void take(text_id<Tag>& id) {
    bytes_ += id.str().size();
    if (!is_id(id.str()))
      refuse("must have 1 to 128 bytes");
  }

  void take(std::uint64_t& number) {
    if (number > limits::largest_number)
      refuse("must be a whole number from 0 to 2^53 - 1");
  }

  void take(bool&) {}
  void take(permissions&) {}

  template <class Word, class = std::enable_if_t<std::is_enum_v<Word>>>
  void take(Word&) {}

  void take(application_data& map) {
    bytes_ += map.msgpack.size();
    std::string_view rest = map.msgpack;
    std::string_view head_first = rest;
    msgpack_head head;
    msgpack_flaw flaw{};
    if (!take_head(head_first, head) || head.kind != msgpack_kind::map)
      return refuse("must be a map");
    if (!take_value(rest, limits::depth - 1, flaw) || !rest.empty() || flaw != msgpack_flaw::none)
      return refuse("is malformed");
    map.msgpack = shortest_form(map.msgpack);
    if (map.msgpack.size() > limits::meta_bytes)
      refuse("is too long", error_code::too_large);
  }

  void take(retention_bounds& bounds) {
    take(bounds.days);
    take(bounds.messages);
  }

  void take(erasable_text& shown) {
    take_plain(shown.text, profile_limit(name_));
    if (!wrong_ && name_ == "name" && has_deceiving_marks(shown.text))
      refuse("has characters that no text has");
  }

  template <class Element>
  void take(std::vector<Element>& list) {
    if (list.size() > limits::users_per_command)
      return refuse("has too many elements", error_code::too_large);
    for (auto& each : list)
      if (!wrong_)
        take(each);
  }

  template <class Value>
  void take(std::optional<Value>& value) {
    if (value)
      take(*value);
  }

  /// One may be empty where there are files.
  template <class Command>
  void look_at_body(const Command& what) {
    name_ = "body";
    if constexpr (std::is_same_v<Command, send_message>) {
      if (what.body.empty() && (!what.files || what.files->empty()))
        refuse("must not be empty");
    } else if constexpr (std::is_same_v<Command, edit_message>) {
      if (what.body.empty())
        refuse("must not be empty");
    }
  }

  std::string_view name_;
  std::size_t bytes_ = 0; ///< Of all texts together.
  std::optional<failure> wrong_;
};

} // namespace

bool is_id(std::string_view text) noexcept {
  return !text.empty() && text.size() <= limits::id_bytes && is_utf8(text);
}

bool is_reference(const reference& ref) noexcept {
  constexpr auto largest = static_cast<std::int64_t>(limits::largest_number);
  if (const auto* text = std::get_if<std::string>(&ref))
    return text->size() <= limits::ref_bytes && is_utf8(*text);
  const auto* number = std::get_if<std::int64_t>(&ref);
  return number == nullptr || (*number >= -largest && *number <= largest);
}

outcome take_form(command& what) {
  return std::visit(
      [](auto& asked) {
        if constexpr (requires { asked.screened; })
          asked.screened = nullptr;
        return field_rules{}.look_at(asked);
      },
      what);
}

} // namespace parley
