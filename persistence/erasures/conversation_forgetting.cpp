// Every table of a conversation in which a user may be named.
#include <algorithm>
#include <map>
#include <utility>

#include "persistence/corrections.hpp"
#include "persistence/erasures/forgetting.hpp"
#include "persistence/erasures/new_names.hpp"
#include "persistence/erasures/segment_changes.hpp"
#include "persistence/event_facts.hpp"

namespace parley {

namespace {

class conversation_plan {
public:
  conversation_plan(const row_reader& rows, conversation_id in, erasure_row& of,
                    std::vector<row_change>& changes, std::size_t& looked_at)
      : rows_(rows), in_(std::move(in)), of_(of), user_(of.what.user), changes_(changes),
        looked_at_(looked_at), names_(one_new_name{of.what}) {}

  // Whoever came back under this name meanwhile is somebody else: nobody is let in before.
  outcome make() {
    auto member = rows_.member(in_, user_);
    if (!member)
      return member.error();
    auto stored = rows_.required_conversation(in_);
    if (!stored)
      return stored.error();
    row_ = std::move(*stored);
    if (*member)
      return success();
    for (const auto step :
         {&conversation_plan::events, &conversation_plan::messages, &conversation_plan::reactions,
          &conversation_plan::tallies, &conversation_plan::corrections, &conversation_plan::hidden,
          &conversation_plan::threads, &conversation_plan::pins, &conversation_plan::hold,
          &conversation_plan::people})
      if (auto done = (this->*step)(); !done)
        return done;
    for (const auto& [key, row] : restated_)
      put(model_table::messages, key, encode_row(key, row));
    if (rename_in(row_.creator, names_) || is_changed_)
      put(model_table::conversations, in_.str(), encode_row(in_.str(), row_));
    return success();
  }

private:
  void put(model_table table, std::string key, std::string value) {
    changes_.push_back({table, std::move(key), std::move(value)});
  }
  void take(model_table table, std::string_view key) { put(table, std::string(key), {}); }

  /// Rows whose keys begin like this and whose values, or keys, have the user's name somewhere.
  template <class See>
  outcome named(model_table table, const std::string& prefix, bool in_keys, See&& see) {
    const std::string_view name = user_.str();
    cursor at = rows_.rows(table);
    for (bool more = at.seek(prefix); more && at.key().starts_with(prefix); more = at.next()) {
      ++looked_at_;
      if (in_keys ? !at.key().ends_with(name) : at.value().find(name) == std::string_view::npos)
        continue;
      if (auto done = see(at.key(), at.value()); !done)
        return done;
    }
    return at.error() ? outcome{*at.error()} : success();
  }

  // --- Events ---

  outcome events() {
    auto done = named(model_table::events, event_prefix(in_), false,
                      [this](std::string_view key, std::string_view value) {
                        auto row = decode_event(key, value);
                        is_damaged_ = is_damaged_ || !row;
                        return row ? event(std::string(key), *row) : success();
                      });
    if (!done)
      return done;
    const auto segments = change_segments(
        rows_, in_, [this](const auto& key, const auto& row) { return renamed(key, row); },
        changes_, looked_at_);
    if (!segments)
      return segments.error();
    is_damaged_ = is_damaged_ || *segments;
    return success();
  }

  /// Messages of a list that nobody can read are left as they are, and counted.
  void note_damaged(const tally_place& place, const tally_row& row) {
    for (const auto each : numbers_of(place, row))
      if (each >= first_kept(row_) && !rows_.event(in_, each))
        ++of_.what.damaged;
  }

  outcome event(std::string key, event_row row) {
    const auto changed = renamed(key, row);
    if (!changed)
      return changed.error();
    if (!*changed)
      return success();
    row.event = **changed;
    std::string value = encode_row(key, row);
    put(model_table::events, std::move(key), std::move(value));
    return success();
  }

  /// Nothing when a text says the same, or nobody does. A message's key goes with it.
  result<std::optional<std::string>> renamed(const std::string& key, const event_row& row) {
    if (row.event.find(user_.str()) == std::string_view::npos)
      return std::optional<std::string>{};
    auto changed = renamed_event(row.event, names_);
    const auto facts = changed ? facts_of(row.event) : std::nullopt;
    if (facts && row.kind == record_kind::message && facts->from == user_.str()) {
      ++of_.what.messages;
      if (auto noted = facts->client.empty() ? note_files(key) : move_key(*facts); !noted)
        return noted.error();
    }
    return changed;
  }

  /// The command that sent it is found under the new name, as `check` will look for it.
  outcome move_key(const event_facts& facts) {
    idempotency_key key{in_, user_, client_id{std::string(facts.client)}};
    auto known = rows_.dedupe(key);
    if (!known)
      return known.error();
    if (!*known)
      return success();
    put(model_table::dedupe, dedupe_key(key), {});
    key.sender = of_.what.pseudonym;
    std::string moved = dedupe_key(key);
    std::string value = encode_row(moved, **known);
    put(model_table::dedupe, std::move(moved), std::move(value));
    return success();
  }

  /// Of a message that was deleted.
  outcome note_files(const std::string& key) {
    const auto place = split_event_key(key);
    auto row = rows_.message(in_, place ? place->second : sequence{});
    if (!row)
      return row.error();
    of_.what.files += *row ? (*row)->files : 0;
    return success();
  }

  // --- What became of messages ---

  result<message_row*> message_at(const std::string& key) {
    if (auto known = restated_.find(key); known != restated_.end())
      return &known->second;
    const auto place = split_event_key(key);
    auto row = rows_.message(in_, place ? place->second : sequence{});
    if (!row)
      return row.error();
    return &restated_.emplace(key, row->value_or(message_row{})).first->second;
  }

  outcome messages() {
    return named(model_table::messages, event_prefix(in_), false,
                 [this](std::string_view key, std::string_view) {
                   auto found = message_at(std::string(key));
                   if (!found)
                     return outcome{found.error()};
                   message_row& row = **found;
                   bool is_named = rename_in(row.mentions.users, names_);
                   if (row.sent_with)
                     is_named = rename_in(row.sent_with->users, names_) || is_named;
                   if (row.mentioning)
                     is_named = rename_in(*row.mentioning, names_) || is_named;
                   for (auto& each : row.edits)
                     is_named = rename_in(each.by, names_) || is_named;
                   is_named = rename_in(row.participants, names_) || is_named;
                   if (!is_named)
                     restated_.erase(std::string(key));
                   return success();
                 });
  }

  /// Those of a user whose messages go are taken back, the others stay.
  outcome reactions() {
    return named(model_table::reactions, reactions_prefix(in_), true,
                 [this](std::string_view key, std::string_view value) {
                   const auto place = split_reaction_key(key);
                   if (!place || place->user != user_)
                     return success();
                   take(model_table::reactions, key);
                   if (of_.what.policy == erasure_policy::remove)
                     return take_back(*place);
                   auto event = decode_reaction(key, value);
                   if (!event)
                     return outcome{event.error()};
                   std::string moved =
                       reaction_key(in_, place->message, place->emoji, of_.what.pseudonym);
                   std::string encoded = encode_reaction_row(moved, *event);
                   put(model_table::reactions, std::move(moved), std::move(encoded));
                   return success();
                 });
  }

  outcome take_back(const reaction_place& which) {
    auto found = message_at(event_key(in_, which.message));
    if (!found)
      return found.error();
    auto& all = (*found)->reactions;
    const auto kind = std::find_if(all.begin(), all.end(),
                                   [&](const auto& each) { return each.first == which.emoji; });
    if (kind != all.end() && --kind->second == 0)
      all.erase(kind);
    return success();
  }

  // --- Counts ---

  outcome tallies() {
    for (const auto what : {tally::own, tally::named, tally::everyone_by}) {
      const std::string prefix = tally_prefix(in_, what, user_);
      cursor at = rows_.rows(model_table::tallies);
      for (bool more = at.seek(prefix); more && at.key().starts_with(prefix); more = at.next()) {
        auto row = decode_tally(at.key(), at.value());
        if (!row)
          return row.error();
        if (const auto place = split_tally_key(at.key());
            is_damaged_ && place && what == tally::own)
          note_damaged(*place, *row);
        take(model_table::tallies, at.key());
        std::string moved = tally_prefix(in_, what, of_.what.pseudonym);
        moved.append(at.key().substr(prefix.size()));
        std::string value = encode_row(moved, *row);
        put(model_table::tallies, std::move(moved), std::move(value));
      }
      if (at.error())
        return *at.error();
    }
    return success();
  }

  outcome corrections() {
    for (const auto what : {correction::own, correction::named, correction::everyone_by,
                            correction::hidden, correction::hidden_named}) {
      const bool moves = what != correction::hidden && what != correction::hidden_named;
      const std::string prefix = correction_prefix(in_, what, user_);
      cursor at = rows_.rows(model_table::corrections);
      for (bool more = at.seek(prefix); more && at.key().starts_with(prefix); more = at.next()) {
        auto sum = decode_correction(at.key(), at.value());
        if (!sum)
          return sum.error();
        take(model_table::corrections, at.key());
        if (!moves)
          continue;
        std::string moved = correction_prefix(in_, what, of_.what.pseudonym);
        moved.append(at.key().substr(prefix.size()));
        std::string value = encode_correction(moved, *sum);
        put(model_table::corrections, std::move(moved), std::move(value));
      }
      if (at.error())
        return *at.error();
    }
    return success();
  }

  // --- What was the user's alone ---

  outcome hidden() {
    return named(model_table::hidden, event_prefix(in_), true,
                 [this](std::string_view key, std::string_view) {
                   const auto place = split_hidden_key(key);
                   if (!place || place->user != user_)
                     return success();
                   take(model_table::hidden, key);
                   row_.hidden -= std::min<std::uint64_t>(row_.hidden, 1);
                   is_changed_ = true;
                   return success();
                 });
  }

  outcome threads() {
    auto read = named(model_table::thread_reads, event_prefix(in_), true,
                      [this](std::string_view key, std::string_view) {
                        const auto place = split_hidden_key(key);
                        if (place && place->user == user_)
                          take(model_table::thread_reads, key);
                        return success();
                      });
    if (!read)
      return read;
    return named(model_table::replies, event_prefix(in_), false,
                 [this](std::string_view key, std::string_view value) {
                   auto author = decode_reply(key, value);
                   if (!author)
                     return outcome{author.error()};
                   if (rename_in(*author, names_))
                     put(model_table::replies, std::string(key),
                         encode_reply(std::string(key), *author));
                   return success();
                 });
  }

  outcome pins() {
    return named(model_table::pins, event_prefix(in_), false,
                 [this](std::string_view key, std::string_view value) {
                   auto row = decode_pin(key, value);
                   if (!row)
                     return outcome{row.error()};
                   if (rename_in(row->by, names_))
                     put(model_table::pins, std::string(key), encode_row(std::string(key), *row));
                   return success();
                 });
  }

  /// Of an administrator who is erased.
  outcome hold() {
    auto row = rows_.hold(in_);
    if (!row)
      return row.error();
    if (*row && rename_in((*row)->by, names_))
      put(model_table::holds, in_.str(), encode_row(in_.str(), **row));
    return success();
  }

  outcome people() {
    auto offered = rows_.invitation_of(in_, user_);
    if (!offered)
      return offered.error();
    if (*offered) {
      take(model_table::invitations, member_key(in_, user_));
      take(model_table::invited, membership_key(user_, in_));
    }
    auto mine = rows_.membership(user_, in_);
    if (!mine)
      return mine.error();
    if (*mine) {
      take(model_table::memberships, membership_key(user_, in_));
      ++of_.what.conversations;
    }
    auto restricted = named(model_table::restrictions, member_prefix(in_), true,
                            [this](std::string_view key, std::string_view) {
                              if (key == member_key(in_, user_))
                                take(model_table::restrictions, key);
                              return success();
                            });
    if (!restricted)
      return restricted;
    return named(model_table::invitations, member_prefix(in_), false,
                 [this](std::string_view key, std::string_view value) {
                   auto row = decode_invitation(key, value);
                   if (!row)
                     return outcome{row.error()};
                   if (rename_in(row->by, names_))
                     put(model_table::invitations, std::string(key),
                         encode_row(std::string(key), *row));
                   return success();
                 });
  }

  const row_reader& rows_;
  conversation_id in_;
  erasure_row& of_;
  user_id user_;
  std::vector<row_change>& changes_;
  std::size_t& looked_at_;
  new_names names_;
  conversation_row row_;
  bool is_changed_ = false;
  bool is_damaged_ = false; ///< Some events cannot be read.
  std::map<std::string, message_row> restated_;
};

} // namespace

outcome plan_conversation(const row_reader& rows, const conversation_id& conversation,
                          erasure_row& of, std::vector<row_change>& changes,
                          std::size_t& looked_at) {
  return conversation_plan{rows, conversation, of, changes, looked_at}.make();
}

} // namespace parley
