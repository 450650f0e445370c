// Reads what is asked about one message: what it said over time, and who reacted.
#include <charconv>
#include <utility>

#include "actors/limits.hpp"
#include "actors/rules.hpp"
#include "persistence/event_facts.hpp"
#include "persistence/queries.hpp"

namespace parley {

namespace {

/// The message, if the reader may see it.
result<known_message> visible_message(const row_reader& rows, const conversation_id& conversation,
                                      std::uint64_t message, const user_id& reader) {
  auto known = read_message(rows, conversation, {sequence{message}, reader, {}});
  if (!known)
    return known.error();
  if (!*known || (*known)->erased || (*known)->hidden)
    return failure{error_code::not_found, "no such message", {}};
  return std::move(**known);
}

result<std::string> body_of(const row_reader& rows, const conversation_id& conversation,
                            sequence seq) {
  auto event = rows.required_event(conversation, seq);
  if (!event)
    return event.error();
  const auto facts = facts_of(event->event);
  if (!facts || !facts->body)
    return failure{error_code::internal,
                   describe_row(model_table::events, event_key(conversation, seq)) +
                       " cannot be read",
                   {}};
  return std::string(*facts->body);
}

/// The number behind which a page begins.
result<sequence> behind(const std::optional<std::string>& cursor) {
  std::uint64_t number = 0;
  if (!cursor)
    return sequence{};
  const auto [end, error] =
      std::from_chars(cursor->data(), cursor->data() + cursor->size(), number);
  if (error != std::errc{} || end != cursor->data() + cursor->size())
    return failure{error_code::bad_request, "cursor is not one of these", {}};
  return sequence{number};
}

} // namespace

result<version_page> read_versions(const row_reader& rows, const get_versions& what,
                                   const user_id& reader) {
  auto known = visible_message(rows, what.conversation, what.message, reader);
  if (!known)
    return known.error();
  auto from = behind(what.cursor);
  if (!from)
    return from.error();
  std::vector<message_edit> all{{sequence{what.message}, known->from, known->at}};
  all.insert(all.end(), known->edits.begin(), known->edits.end());
  version_page page;
  std::size_t bytes = 0;
  for (const auto& each : all) {
    if (each.seq <= *from)
      continue;
    auto body = body_of(rows, what.conversation, each.seq);
    if (!body)
      return body.error();
    if (!page.items.empty() && (page.items.size() == rules::page_limit(what.limit) ||
                                bytes + body->size() > limits::page_bytes)) {
      page.cursor = std::to_string(page.items.back().seq.value());
      break;
    }
    bytes += body->size();
    page.items.push_back({each.seq, each.by, each.at, std::move(*body)});
  }
  return page;
}

result<reaction_page> read_reactions(const row_reader& rows, const get_reactions& what,
                                     const user_id& reader) {
  if (auto known = visible_message(rows, what.conversation, what.message, reader); !known)
    return known.error();
  const sequence message{what.message};
  const std::string base = event_key(what.conversation, message);
  const std::string prefix =
      what.emoji ? reaction_prefix(what.conversation, message, *what.emoji) : base;
  reaction_page page;
  std::string last;
  cursor at = rows.rows(model_table::reactions);
  bool more = at.seek(std::max(prefix, base + what.cursor.value_or("")));
  if (more && what.cursor && at.key() == base + *what.cursor)
    more = at.next();
  for (; more && at.key().starts_with(prefix); more = at.next()) {
    if (page.items.size() == rules::page_limit(what.limit)) {
      page.cursor = std::move(last);
      break;
    }
    auto place = split_reaction_key(at.key());
    if (!place)
      return failure{error_code::internal,
                     describe_row(model_table::reactions, at.key()) + " has a bad key",
                     {}};
    last = at.key().substr(base.size());
    page.items.push_back({std::move(place->emoji), std::move(place->user)});
  }
  if (at.error())
    return *at.error();
  return page;
}

result<erasure_facts> read_erasure(const row_reader& rows, const get_erasure& what,
                                   const user_id& reader) {
  const auto none = [] { return failure{error_code::not_found, "no such deleted message", {}}; };
  const sequence message{what.message};
  auto known = read_message(rows, what.conversation, {message, reader, {}});
  if (!known)
    return known.error();
  if (!*known || !(*known)->erased)
    return none();
  auto row = rows.message(what.conversation, message);
  if (!row)
    return row.error();
  auto event = rows.required_event(what.conversation, *row ? (*row)->erased_in : sequence{});
  if (!event)
    return event.error();
  const auto facts = facts_of(event->event);
  if (!facts)
    return failure{error_code::internal, "a deletion cannot be read", {}};
  erasure_facts made{(*known)->from,
                     (*row)->erased_in,
                     user_id{std::string(facts->by)},
                     facts->at,
                     facts->expired,
                     1 + (*row)->edits.size(),
                     {},
                     static_cast<std::size_t>((*row)->files)};
  auto settled = rows.find_meta_number(meta::compacted);
  if (!settled)
    return settled.error();
  if (!*settled || **settled < event->at.value())
    return made;
  auto at = rows.meta_number(meta::compacted_at);
  if (!at)
    return at.error();
  const timestamp compacted{std::chrono::milliseconds{static_cast<std::int64_t>(*at)}};
  if (made.files == 0 || compacted >= facts->at + limits::files_gone_after)
    made.compacted_at = compacted; // files go a little later than their message
  return made;
}

} // namespace parley
