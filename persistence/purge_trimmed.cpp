// Event by event, each with all that hangs on it; of each list that counts messages the newest of
// those rows stays, so that what is left is counted on.
#include "persistence/purge_trimmed.hpp"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "actors/rules.hpp"
#include "persistence/cold_changes.hpp"
#include "persistence/cooling.hpp"
#include "persistence/corrections.hpp"
#include "persistence/event_facts.hpp"
#include "persistence/file_changes.hpp"
#include "persistence/rows.hpp"

namespace parley {

namespace {

/// Rows in pages of their own that change in one transaction: there is little room.
constexpr std::size_t scattered_at_once = 16;

/// The same changes, taken back.
list_changes undone(list_changes changes) {
  for (auto& [list, by] : changes)
    by = -by;
  return changes;
}

class trimming {
public:
  trimming(write_transaction& from, const conversation_id& id, conversation_row row,
           std::size_t most)
      : from_(from), rows_(from), id_(id), row_(std::move(row)), most_(most), files_(rows_),
        corrections_(rows_) {}

  result<std::size_t> run() {
    bool is_done = false;
    while (!is_done && has_room()) {
      auto taken = take_oldest(is_done);
      if (!taken)
        return taken.error();
    }
    files_.write(from_);
    for (const auto& [key, value] : corrections_.encoded())
      value.empty() ? from_.erase(index_of(model_table::corrections), key)
                    : from_.put(index_of(model_table::corrections), key, value);
    from_.put(index_of(model_table::conversations), id_.str(), encode_row(id_.str(), row_));
    return is_done ? std::min(erased_, most_ - 1) : most_;
  }

private:
  bool has_room() const {
    return erased_ < most_ &&
           scattered_ + places_.size() + 3 * files_.released() < scattered_at_once;
  }

  /// What an event says, copied: its row goes.
  struct old_event {
    sequence seq;
    bool is_message = false;
    bool is_damaged = false; ///< Nothing is known of it but its number.
    user_id from;
    mentioned sent_with;
    bool erased = false;
    std::uint64_t expires_at = 0;
    std::vector<file_id> files;
  };

  outcome take_oldest(bool& is_done) {
    auto unpacked = unpack_oldest_segment();
    if (!unpacked)
      return unpacked.error();
    if (*unpacked) { // that is enough for one transaction
      erased_ = most_;
      return success();
    }
    auto event = oldest();
    if (!event)
      return event.error();
    is_done = !*event;
    if (is_done)
      return success();
    if ((*event)->is_message)
      return take_message(**event); // with what is left of it the next portion begins
    erase(model_table::events, event_key(id_, (*event)->seq));
    return success();
  }

  /// Events in a segment come back as rows before they go. Of a damaged one nothing is known: it
  /// goes when all of it fell out. Whether there was one.
  result<bool> unpack_oldest_segment() {
    const std::string prefix = event_prefix(id_);
    std::string key;
    std::string value;
    {
      cursor at = rows_.rows(model_table::cold);
      const bool there = at.seek(prefix) && at.key().starts_with(prefix);
      if (at.error())
        return *at.error();
      if (!there)
        return false;
      key = at.key();
      value = at.value();
    }
    const auto segment = segment_cache::of_thread().open(key, value);
    const auto place = split_event_key(key);
    if (segment ? (*segment)->first() >= row_.kept_from : !place || place->second >= row_.kept_from)
      return false;
    if (!segment) {
      cold_changes changes{rows_};
      if (auto gone = changes.erase(key, value); !gone)
        return gone.error();
      changes.write(from_);
      return true;
    }
    if (auto unpacked = unpack_segment(from_, **segment, key, value, scattered_at_once); !unpacked)
      return unpacked.error();
    return true;
  }

  result<std::optional<old_event>> oldest() {
    const std::string prefix = event_prefix(id_);
    cursor at = rows_.rows(model_table::events);
    const bool there = at.seek(prefix) && at.key().starts_with(prefix);
    if (at.error())
      return *at.error();
    const auto place = there ? split_event_key(at.key()) : std::nullopt;
    if (!place || place->second >= row_.kept_from)
      return std::optional<old_event>{};
    old_event event;
    event.seq = place->second;
    const auto stored = decode_event(at.key(), at.value());
    event.is_message = !stored || stored->kind == record_kind::message; // for all that is known
    const auto facts = stored && event.is_message ? facts_of(stored->event) : std::nullopt;
    event.is_damaged = event.is_message && !facts;
    if (!facts)
      return std::optional{std::move(event)};
    event.from = user_id{std::string(facts->from)};
    event.sent_with = rules::mentioned_by(facts->mentions);
    event.erased = !facts->body;
    event.expires_at = facts->expires_at;
    event.files.assign(facts->files.begin(), facts->files.end());
    return std::optional{std::move(event)};
  }

  /// Everything but the event itself; some of it, when there is no room for more.
  outcome take_message(old_event& event) {
    const std::string prefix = event_key(id_, event.seq);
    for (const auto table :
         {model_table::reactions, model_table::replies, model_table::thread_reads})
      if (auto taken = take_all(table, prefix); !taken || !has_room())
        return taken;
    auto changed = rows_.message(id_, event.seq);
    const bool has_row = !changed || changed->has_value(); // what cannot be read goes, too
    const message_row now = changed ? changed->value_or(message_row{}) : message_row{};
    if (now.sent_with && event.erased)
      event.sent_with = *now.sent_with;
    for (bool more = true; more;) {
      auto taken = take_hidden(event, now);
      if (!taken || !has_room())
        return taken ? success() : outcome{taken.error()};
      more = *taken > 0;
    }
    if (auto taken = take_edits(now); !taken || !has_room())
      return taken;
    if (has_row) {
      if (auto settled = settle(event, now); !settled)
        return settled;
      erase(model_table::messages, prefix);
      --row_.restated;
    }
    if (auto taken = take_counts(event); !taken)
      return taken;
    from_.erase(index_of(model_table::pins), prefix);
    if (event.expires_at > 0) {
      from_.erase(index_of(model_table::expiries), expiry_key(event.expires_at, id_, event.seq));
      ++scattered_;
    }
    for (const auto& each : event.files)
      files_.release_or_leave(each, id_, event.seq, row_.trimmed_when);
    erase(model_table::events, prefix);
    return success();
  }

  outcome take_all(model_table table, const std::string& prefix) {
    cursor at = rows_.rows(table);
    std::vector<std::string> keys;
    for (bool more = at.seek(prefix);
         more && at.key().starts_with(prefix) && erased_ + keys.size() < most_; more = at.next())
      keys.emplace_back(at.key());
    if (at.error())
      return *at.error();
    for (const auto& each : keys)
      erase(table, each);
    return success();
  }

  /// Whoever has hidden it has one message less that is taken off. Gives how many did.
  result<std::size_t> take_hidden(const old_event& event, const message_row& now) {
    const std::string prefix = event_key(id_, event.seq);
    std::vector<user_id> users;
    {
      cursor at = rows_.rows(model_table::hidden);
      for (bool more = at.seek(prefix);
           more && at.key().starts_with(prefix) && users.size() < scattered_at_once;
           more = at.next())
        users.emplace_back(std::string(at.key().substr(prefix.size())));
      if (at.error())
        return *at.error();
    }
    const mentioned& mentions = now.sent_with ? now.mentions : event.sent_with;
    for (const auto& user : users) {
      if (user != event.from && !event.erased && !event.is_damaged)
        if (auto added = correct(changes_of_hiding(id_, user, mentions), event.seq); !added)
          return added.error();
      erase(model_table::hidden, hidden_key(id_, event.seq, user));
      --row_.hidden;
    }
    return users.size();
  }

  /// Edits of it that stay keep their places and lose what they said, in rows or in one segment.
  /// What cannot be read stays.
  outcome take_edits(const message_row& now) {
    cold_changes changes{rows_};
    std::shared_ptr<const cold_segment> rewritten;
    for (const auto& edit : now.edits) {
      if (edit.seq < row_.kept_from)
        continue;
      const auto stored = rows_.event(id_, edit.seq);
      auto said = stored && *stored ? left_of_edit(**stored, row_.kept_from) : std::nullopt;
      if (!said)
        continue;
      if (!has_room() || (rewritten && (*stored)->segment != rewritten))
        break;
      event_row left = **stored;
      if (left.segment) {
        rewritten = left.segment;
        if (auto replaced = changes.replace(left, edit.seq, std::move(*said)); !replaced)
          return replaced;
        continue;
      }
      left.event = *said;
      const std::string key = event_key(id_, edit.seq);
      from_.put(index_of(model_table::events), key, encode_row(key, left));
      ++scattered_;
    }
    changes.write(from_);
    if (rewritten) // that is enough for one transaction
      erased_ = most_;
    return success();
  }

  outcome settle(const old_event& event, const message_row& now) {
    if (!now.sent_with || event.is_damaged)
      return success();
    return correct(now.erased
                       ? changes_of_erasing(id_, event.from, *now.sent_with)
                       : changes_of_mentioning(id_, event.from, *now.sent_with, now.mentions),
                   event.seq);
  }

  outcome correct(const list_changes& changes, sequence seq) {
    for (const auto& [list, by] : changes)
      places_.insert(list);
    return corrections_.add(undone(changes), seq);
  }

  /// In each list that counts the message, what is before it.
  outcome take_counts(const old_event& event) {
    if (event.is_damaged)
      return success();
    std::vector<std::string> lists{tally_prefix(id_, tally::own, event.from)};
    if (event.sent_with.everyone) {
      lists.push_back(tally_prefix(id_, tally::everyone, {}));
      lists.push_back(tally_prefix(id_, tally::everyone_by, event.from));
    }
    for (const auto& user : event.sent_with.users)
      if (user != event.from)
        lists.push_back(tally_prefix(id_, tally::named, user));
    for (auto& each : lists) {
      if (auto taken = take_counts_before(each, event.seq); !taken)
        return taken;
      places_.insert(std::move(each));
    }
    return success();
  }

  outcome take_counts_before(const std::string& list, sequence seq) {
    std::string before;
    {
      cursor at = rows_.rows(model_table::tallies);
      if (at.seek_before(tally_key(list, seq)) && at.key().starts_with(list))
        before = at.key();
      if (at.error())
        return *at.error();
    }
    if (!before.empty())
      erase(model_table::tallies, before);
    return success();
  }

  void erase(model_table table, const std::string& key) {
    from_.erase(index_of(table), key);
    ++erased_;
  }

  write_transaction& from_;
  row_reader rows_;
  const conversation_id& id_;
  conversation_row row_;
  std::size_t most_;
  std::size_t erased_ = 0;
  std::size_t scattered_ = 0;
  std::set<std::string> places_; ///< Lists in which rows change.
  file_changes files_;
  correction_changes corrections_;
};

} // namespace

result<std::size_t> purge_trimmed(write_transaction& from, const conversation_id& conversation,
                                  conversation_row row, std::size_t most) {
  return trimming{from, conversation, std::move(row), most}.run();
}

} // namespace parley
