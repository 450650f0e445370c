// Stores with old events, twins of which one is cooled, and all that a model answers as one text.
#pragma once

#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "persistence/cold_segment.hpp"
#include "persistence/rows.hpp"
#include "tests/support/checked.hpp"
#include "tests/support/store_of_test.hpp"

namespace parley::test {

inline const cooling_age everything{timestamp::max(), timestamp::max()};

/// Packs all that is old.
inline void cool(read_model& model, const cooling_age& age = everything) {
  while (must(model.cool_some(age)))
    continue;
}

/// All that is in segments, unpacked.
inline std::string unpacked(const read_model& model) {
  std::string all;
  auto reading = must(model.tables()->read());
  decompressor with;
  cursor at = reading.rows(index_of(model_table::cold));
  for (bool more = at.first(); more; more = at.next()) {
    const auto segment = must(cold_segment::open(at.key(), at.value(), with));
    for (const auto& each : segment->events())
      all += std::string(each.event) + "\n";
  }
  return all;
}

inline std::uint64_t rows_in(const read_model& model, model_table table) {
  return must(model.tables()->read()).count(index_of(table));
}

/// What the model answers to whoever asks about these conversations, from first to last.
class all_answers {
public:
  explicit all_answers(const read_model& model) : model_(model) {}

  std::string of(const std::vector<std::string>& rooms) {
    for (const auto& each : rooms)
      ask_about(conversation_id{each});
    for (const auto& user : users_) {
      for (const auto& each : must(model_.list(user, {}, timestamp{})).items)
        text_ << each.conversation.str() << each.unread << each.mentions << each.last_message;
      for (std::uint64_t since = 0; since <= model_.applied().value(); since += 97) {
        const auto missed = must(model_.missed(user, position{since}));
        for (const auto& each : missed.missed)
          for (const auto& event : each.events)
            text_ << event.seq.value() << event.bytes;
      }
    }
    ask_for_walks();
    return text_.str();
  }

private:
  void ask_about(const conversation_id& room) {
    const auto snapshot = must(model_.snapshot(room));
    text_ << snapshot.head.value() << snapshot.pins.size() << snapshot.tail.back().bytes;
    for (std::uint64_t seq = 1; seq <= snapshot.head.value(); ++seq)
      ask_about(room, seq);
    for (std::uint64_t first = 1; first <= snapshot.head.value(); first += 40) {
      show(room, {sequence{first}, snapshot.head, false, 50}, {});
      for (const auto& user : users_)
        show(room, {sequence{1}, sequence{first}, true, 50}, user);
    }
  }
  void ask_about(const conversation_id& room, std::uint64_t seq) {
    for (const auto& user : users_) {
      const auto known = must(model_.message(room, {sequence{seq}, user, "+1"}));
      if (known)
        text_ << known->from.str() << known->erased << known->hidden << known->pinned
              << known->edits.size() << known->emojis << known->reacted;
      if (const auto versions = model_.versions({room, seq}, user))
        for (const auto& each : versions->items)
          text_ << each.body;
      if (const auto gone = model_.erasure({room, seq}, user))
        text_ << gone->by.str() << gone->versions;
    }
    if (const auto receipts = model_.receipts({room, seq}, user_id{"alice"}))
      text_ << receipts->items.size();
    text_ << must(model_.event(room, sequence{seq})).value().bytes;
  }
  void show(const conversation_id& room, const page_range& range,
            const std::optional<user_id>& reader) {
    const auto page = must(model_.page(room, range, reader));
    for (const auto& each : page.events)
      text_ << each.seq.value() << each.bytes;
    text_ << page.more;
  }
  void ask_for_walks() {
    for (std::uint64_t since = 0; since < model_.applied().value(); since += 211) {
      for (const auto& each : must(model_.feed(position{since}, model_.applied(), {})).items)
        text_ << each.at.value() << each.seq.value();
      for (const auto& each :
           must(model_.event_feed_since(position{since}, model_.applied(), {})).items)
        text_ << each.at.value() << each.seq.value();
    }
  }

  const read_model& model_;
  std::vector<user_id> users_{user_id{"alice"}, user_id{"bob"}};
  std::ostringstream text_;
};

} // namespace parley::test
