// Reads of which conversations the oldest events are to go, and which conversations are held.
#include <algorithm>
#include <utility>

#include "actors/digest.hpp"
#include "actors/limits.hpp"
#include "actors/limits_retention.hpp"
#include "actors/rules.hpp"
#include "persistence/event_facts.hpp"
#include "persistence/queries.hpp"

namespace parley {

namespace {

class retention_query {
public:
  retention_query(const row_reader& rows, const retention_question& asked)
      : rows_(rows), asked_(asked) {}

  result<trimmable_events> run() {
    if (!asked_.named.empty())
      look_at_named();
    else if (auto walked = walk(); !walked)
      return walked.error();
    return std::move(found_);
  }

private:
  void look_at_named() {
    for (const auto& each : asked_.named) {
      if (events_ >= limits::feed_steps) {
        found_.left.push_back(each);
        continue;
      }
      if (const auto row = rows_.conversation(each); row && *row)
        look_at(each, **row);
    }
  }

  outcome walk() {
    std::size_t steps = 0;
    cursor at = rows_.rows(model_table::conversations);
    bool more = asked_.behind.empty() ? at.first() : at.seek(asked_.behind);
    for (; more; more = at.next()) {
      if (steps++ == limits::trim_steps || found_.items.size() == limits::trims_at_once ||
          events_ >= limits::feed_steps) {
        found_.next = std::string(at.key());
        return success();
      }
      if (const auto row = decode_conversation(at.key(), at.value()))
        look_at(conversation_id{std::string(at.key())}, *row);
    }
    return at.error() ? outcome{*at.error()} : success();
  }

  /// Where a row cannot be read, nothing goes: others are not to wait for it, and `check` names it.
  void look_at(const conversation_id& id, const conversation_row& row) {
    retention_bounds bounds = stricter_of(row.moderated.retention, asked_.server);
    if (!asked_.by_time)
      bounds.days = 0;
    if (row.deleted || bounds == retention_bounds{})
      return;
    const sequence first = first_kept(row);
    const sequence kept_from = first_that_stays(id, row, bounds);
    if (kept_from == first)
      return;
    const auto held = rows_.hold(id);
    if (!held || *held)
      return;
    const bool more = kept_from.value() - first.value() == limits::trimmed_at_once;
    found_.items.push_back({id, kept_from, row.moderated.retention, more});
  }

  /// An event goes when all before it do, and it is too old itself or has enough messages behind
  /// it. One that cannot be read stays.
  sequence first_that_stays(const conversation_id& id, const conversation_row& row,
                            const retention_bounds& bounds) {
    const auto longest = std::chrono::hours{24 * bounds.days};
    const sequence first = first_kept(row);
    sequence seq = first;
    for (; seq <= row.head && seq.value() - first.value() < limits::trimmed_at_once;
         seq = seq.next()) {
      ++events_;
      auto event = rows_.required_event(id, seq);
      if (!event)
        break;
      const std::uint64_t behind = row.messages.value() - event->ordinal.value();
      if (bounds.messages > 0 && behind >= bounds.messages)
        continue;
      const auto facts = bounds.days > 0 ? facts_of(event->event) : std::nullopt;
      if (!facts || asked_.now - facts->at < longest)
        break;
    }
    return seq;
  }

  const row_reader& rows_;
  const retention_question& asked_;
  trimmable_events found_;
  std::size_t events_ = 0; ///< That were looked at.
};

} // namespace

result<trimmable_events> read_trimmable_events(const row_reader& rows,
                                               const retention_question& asked) {
  return retention_query{rows, asked}.run();
}

result<hold_page> read_hold_page(const row_reader& rows, const list_holds& what) {
  const std::string behind = what.cursor ? from_base64url(*what.cursor) : std::string{};
  if (what.cursor && (behind.empty() || base64url(behind) != *what.cursor))
    return failure{error_code::bad_request, "this cursor is not one of holds", {}};
  hold_page page;
  cursor at = rows.rows(model_table::holds);
  bool more = behind.empty() ? at.first() : at.seek(behind);
  if (more && at.key() == behind)
    more = at.next();
  for (; more; more = at.next()) {
    if (page.items.size() == rules::page_limit(what.limit)) {
      page.cursor = base64url(page.items.back().conversation.str());
      break;
    }
    auto row = decode_hold(at.key(), at.value());
    if (!row)
      return row.error();
    page.items.push_back({conversation_id{std::string(at.key())}, std::move(row->by), row->at});
  }
  if (at.error())
    return *at.error();
  return page;
}

} // namespace parley
