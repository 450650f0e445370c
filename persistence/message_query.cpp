// Reads what became of messages: for who decides, and as history shows it.
#include <utility>

#include "actors/encoding.hpp"
#include "actors/rules.hpp"
#include "persistence/corrections.hpp"
#include "persistence/event_facts.hpp"
#include "persistence/queries.hpp"

namespace parley {

namespace {

failure unreadable(const conversation_id& conversation, sequence seq) {
  return {error_code::internal,
          describe_row(model_table::events, event_key(conversation, seq)) + " cannot be read",
          {}};
}

/// What it takes to correct the counts of those from whom a message is hidden.
result<std::size_t> room_for_hiders(const row_reader& rows, const conversation_id& conversation,
                                    sequence message) {
  constexpr std::size_t row = 160; // a key, a sum and LMDB's share
  const std::string prefix = event_key(conversation, message);
  std::size_t bytes = 0;
  cursor at = rows.rows(model_table::hidden);
  for (bool more = at.seek(prefix); more && at.key().starts_with(prefix); more = at.next())
    bytes += 2 * correction_levels * row;
  if (at.error())
    return *at.error();
  return bytes;
}

outcome fill_reactions(const row_reader& rows, const conversation_id& conversation,
                       const message_question& asked, const message_row& row, known_message& into) {
  into.emojis = row.reactions.size();
  if (asked.emoji.empty())
    return success();
  for (const auto& [emoji, count] : row.reactions)
    into.emoji_is_there = into.emoji_is_there || emoji == asked.emoji;
  auto reacted = rows.reacted(reaction_key(conversation, asked.message, asked.emoji, asked.user));
  if (!reacted)
    return reacted.error();
  into.reacted = *reacted;
  return success();
}

} // namespace

result<bool> is_visible(const row_reader& rows, const conversation_id& conversation,
                        sequence message, const user_id& reader) {
  auto in = rows.conversation(conversation);
  if (!in)
    return in.error();
  if (*in && message < (*in)->kept_from)
    return false;
  auto member = rows.member(conversation, reader);
  if (!member)
    return member.error();
  return !*member || message >= (*member)->sees_from;
}

result<std::vector<known_message>> read_messages(const row_reader& rows,
                                                 const conversation_id& conversation,
                                                 const messages_question& asked) {
  std::vector<known_message> found;
  for (const auto& each : asked.messages) {
    auto known = read_message(rows, conversation, {each, asked.user, asked.emoji});
    if (!known)
      return known.error();
    if (*known)
      found.push_back(std::move(**known));
  }
  return found;
}

result<std::optional<known_message>> read_message(const row_reader& rows,
                                                  const conversation_id& conversation,
                                                  const message_question& asked) {
  auto event = rows.event(conversation, asked.message);
  if (!event)
    return event.error();
  if (!*event || (*event)->kind != record_kind::message)
    return std::optional<known_message>{};
  auto facts = facts_of((*event)->event);
  if (!facts)
    return unreadable(conversation, asked.message);
  auto seen = is_visible(rows, conversation, asked.message, asked.user);
  if (!seen)
    return seen.error();
  if (!*seen)
    return std::optional<known_message>{};
  known_message known;
  known.seq = asked.message;
  known.expires_at = facts->expires_at;
  known.thread = sequence{facts->thread};
  auto read = rows.thread_read(hidden_key(conversation, asked.message, asked.user));
  if (!read)
    return read.error();
  known.thread_read = *read;
  known.from = user_id{std::string(facts->from)};
  known.at = facts->at;
  known.mentions = rules::mentioned_by(facts->mentions);
  auto hidden = rows.is_hidden(conversation, asked.message, asked.user);
  if (!hidden)
    return hidden.error();
  known.hidden = *hidden;
  auto pin = rows.pin(conversation, asked.message);
  if (!pin)
    return pin.error();
  known.pinned = pin->has_value();
  auto hiders = room_for_hiders(rows, conversation, asked.message);
  if (!hiders)
    return hiders.error();
  constexpr std::size_t rows_of_a_file = 4 * 160;
  known.bytes = *hiders + facts->files.size() * rows_of_a_file;
  auto row = rows.message(conversation, asked.message);
  if (!row)
    return row.error();
  if (!*row)
    return std::optional{std::move(known)};
  known.erased = (*row)->erased;
  known.bytes += encode_row(event_key(conversation, asked.message), **row).size();
  if ((*row)->sent_with)
    known.mentions = (*row)->mentions;
  known.edits = std::move((*row)->edits);
  if (auto filled = fill_reactions(rows, conversation, asked, **row, known); !filled)
    return filled.error();
  return std::optional{std::move(known)};
}

namespace {

/// What is shown of the message that another one answers: nothing of one that the reader has
/// hidden.
result<std::string> read_preview(const row_reader& rows, const conversation_id& conversation,
                                 sequence message, const user_id& reader) {
  auto event = rows.event(conversation, message);
  if (!event)
    return event.error();
  if (!*event || (*event)->kind != record_kind::message)
    return std::string{};
  auto hidden = rows.is_hidden(conversation, message, reader);
  if (!hidden)
    return hidden.error();
  if (*hidden)
    return std::string{};
  auto seen = is_visible(rows, conversation, message, reader);
  if (!seen)
    return seen.error();
  if (!*seen)
    return std::string{};
  const auto facts = facts_of((*event)->event);
  if (!facts)
    return unreadable(conversation, message);
  const user_id from{std::string(facts->from)};
  auto row = rows.message(conversation, message);
  if (!row)
    return row.error();
  if (!facts->body)
    return encode_deleted_preview(message, from);
  const bool is_edited = *row && (*row)->body;
  return encode_preview(message, from, is_edited ? *(*row)->body : *facts->body);
}

result<std::string> preview_for(const row_reader& rows, const conversation_id& conversation,
                                sequence seq, std::string_view event, const user_id& reader) {
  if (!may_be_reply(event))
    return std::string{};
  const auto facts = facts_of(event);
  if (!facts)
    return unreadable(conversation, seq);
  if (facts->reply_to == 0)
    return std::string{};
  return read_preview(rows, conversation, sequence{facts->reply_to}, reader);
}

} // namespace

result<std::string> read_restated(const row_reader& rows, const conversation_id& conversation,
                                  sequence seq, std::string_view event, const user_id& reader) {
  auto row = rows.message(conversation, seq);
  if (!row)
    return row.error();
  if (*row && (*row)->erased)
    return std::string(event);
  auto preview = preview_for(rows, conversation, seq, event, reader);
  if (!preview)
    return preview;
  if (!*row && preview->empty())
    return std::string(event);
  const message_row is = row->value_or(message_row{});
  std::vector<shown_reaction> reactions;
  for (const auto& [emoji, count] : is.reactions) {
    auto mine = rows.reacted(reaction_key(conversation, seq, emoji, reader));
    if (!mine)
      return mine.error();
    reactions.push_back({emoji, count, *mine});
  }
  sequence read;
  if (is.replies > 0) {
    auto mine = rows.thread_read(hidden_key(conversation, seq, reader));
    if (!mine)
      return mine.error();
    read = *mine;
  }
  auto now = restated(event, is, reactions, *preview, read);
  return now ? result<std::string>{std::move(*now)} : unreadable(conversation, seq);
}

outcome mark_restated(const row_reader& rows, const conversation_id& conversation,
                      std::vector<stored_event>& events) {
  if (events.empty())
    return success();
  cursor at = rows.rows(model_table::messages);
  const std::string prefix = event_prefix(conversation);
  for (bool more = at.seek(event_key(conversation, events.front().seq));
       more && at.key().starts_with(prefix); more = at.next()) {
    const auto place = split_event_key(at.key());
    auto row = decode_message(at.key(), at.value());
    if (!row)
      return row.error();
    if (place && place->second <= events.back().seq && !row->erased)
      events[place->second.value() - events.front().seq.value()].restated = true;
  }
  return at.error() ? outcome{*at.error()} : success();
}

} // namespace parley
