// Reads which messages were sent, edited or erased since a position, conversation by conversation.
#include "actors/limits.hpp"
#include "persistence/event_facts.hpp"
#include "persistence/queries.hpp"

namespace parley {

namespace {

class feed_query {
public:
  feed_query(const row_reader& rows, position since, position until)
      : rows_(rows), since_(since), until_(until) {}

  result<message_feed> run(const feed_place& from) {
    cursor at = rows_.rows(model_table::conversations);
    sequence below = from.below;
    bool more = from.conversation.empty() ? at.first() : at.seek(from.conversation.str());
    for (; more; more = at.next()) {
      const conversation_id id{std::string(at.key())};
      if (!has_steps_left()) {
        feed_.next = feed_place{id, {}};
        return std::move(feed_);
      }
      auto row = decode_conversation(at.key(), at.value());
      if (!row)
        return row.error();
      const bool goes_on = id == from.conversation && below.value() > 0;
      const sequence newest = goes_on ? below.previous() : row->head;
      if (auto walked = walk(id, *row, newest); !walked)
        return walked.error();
      if (feed_.next)
        return std::move(feed_);
    }
    if (at.error())
      return *at.error();
    return std::move(feed_);
  }

private:
  bool has_steps_left() noexcept { return ++steps_ <= limits::feed_steps; }

  outcome walk(const conversation_id& id, const conversation_row& row, sequence newest) {
    if (row.trimmed_at > since_ && !row.deleted)
      feed_.trimmed.emplace_back(id, row.kept_from);
    if (row.head_position <= since_)
      return success();
    if (row.deleted) {
      feed_.deleted.push_back(id);
      return success();
    }
    for (sequence seq = newest; seq >= first_kept(row); seq = seq.previous()) {
      if (!has_steps_left()) {
        feed_.next = feed_place{id, seq.next()};
        return success();
      }
      auto event = rows_.required_event(id, seq);
      if (!event)
        return event.error();
      if (event->at <= since_)
        break;
      if (event->at > until_)
        continue;
      if (auto noted = note(id, seq, *event); !noted)
        return noted;
    }
    return success();
  }

  outcome note(const conversation_id& id, sequence seq, const event_row& event) {
    if (event.kind == record_kind::message) {
      feed_.items.push_back({event.at, id, seq});
    } else if (event.kind == record_kind::edited || event.kind == record_kind::erased) {
      auto facts = facts_of(event.event);
      if (!facts)
        return failure{error_code::internal,
                       describe_row(model_table::events, event_key(id, seq)) + " cannot be read",
                       {}};
      feed_.items.push_back({event.at, id, sequence{facts->message}});
    }
    return success();
  }

  const row_reader& rows_;
  position since_;
  position until_;
  message_feed feed_;
  std::size_t steps_ = 0;
};

} // namespace

result<message_feed> read_feed(const row_reader& rows, position since, position until,
                               const feed_place& from) {
  return feed_query{rows, since, until}.run(from);
}

} // namespace parley
