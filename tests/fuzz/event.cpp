// Stored events, as they are looked into, shown, and told to whoever embeds the engine.
#include <algorithm>
#include <string>

#include "actors/utf8.hpp"
#include "engine/events.hpp"
#include "persistence/event_facts.hpp"
#include "tests/fuzz/decoders.hpp"
#include "transport/codec.hpp"
#include "transport/json.hpp"

namespace parley::fuzz {

namespace {

/// A message as it is now: edited, reacted to, and answered.
message_row restated_row() {
  message_row now;
  now.body = "now";
  now.edited_at = timestamp{std::chrono::seconds{1}};
  now.mentioning = std::vector<user_id>{user_id{"alice"}};
  now.replies = 1;
  return now;
}

void look_at_shown(const std::optional<std::string>& shown, bool is_of_event) {
  if (shown && is_of_event)
    promise(facts_of(*shown).has_value(), "what is shown of an event is one");
}

void look_at_json(std::string_view bytes) {
  const std::string text = to_json(bytes);
  if (!is_utf8(text)) // nothing that was stored: texts are looked at when they come in
    return;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    promise(to_msgpack(std::string_view{text}.substr(begin, end - begin), 64).has_value(),
            "a line is JSON");
    begin = end + 1;
  }
}

} // namespace

void read_event(std::string_view bytes) {
  static const message_row now = restated_row();
  const bool is_event = facts_of(bytes).has_value();
  (void)erasure_step_in(bytes);
  look_at_shown(left_of_reaction(bytes), is_event);
  look_at_shown(left_of_edit({position{9}, record_kind::edited, {}, bytes}, sequence{5}), is_event);
  const auto preview = encode_preview(sequence{1}, user_id{"bob"}, "hello");
  look_at_shown(restated(bytes, now, {{"+1", 2, true}}, preview, sequence{3}), is_event);
  std::vector<told_event> told;
  read_events(bytes, told);
  look_at_json(bytes);
}

} // namespace parley::fuzz
