// One conversation after another, table by table.
#include "persistence/purge.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "actors/limits.hpp"
#include "persistence/cold_changes.hpp"
#include "persistence/event_facts.hpp"
#include "persistence/file_changes.hpp"
#include "persistence/purge_trimmed.hpp"

namespace parley {

namespace {

/// Messages with a row in `expiries` that go in one transaction: each such row is in a page of its
/// own, and there is little room.
constexpr std::size_t expiries_at_once = 16;

/// Conversations that lose their oldest events in one transaction, for the same reason.
constexpr std::size_t trimmed_in_one = 8;

/// Keys of `table` that begin with `prefix` and that `is_theirs`, at most so many, while
/// `has_room`.
template <class IsTheirs, class HasRoom>
result<std::vector<std::string>> some_keys(const row_reader& rows, model_table table,
                                           const std::string& prefix, std::size_t most,
                                           IsTheirs&& is_theirs, HasRoom&& has_room) {
  std::vector<std::string> keys;
  cursor at = rows.rows(table);
  for (bool more = at.seek(prefix);
       more && at.key().starts_with(prefix) && keys.size() < most && has_room(); more = at.next())
    if (is_theirs(at.key(), at.value()))
      keys.emplace_back(at.key());
  if (at.error())
    return *at.error();
  return keys;
}

class one_conversation {
public:
  one_conversation(write_transaction& from, conversation_id id, sequence last)
      : from_(from), rows_(from), id_(std::move(id)), last_(last), files_(rows_), cold_(rows_) {}

  /// Erases up to `most` rows; gives how many.
  result<std::size_t> erase(std::size_t most) {
    std::size_t erased = 0;
    const auto any = [](std::string_view, std::string_view) { return true; };
    const auto older_event = [&](std::string_view key, std::string_view value) {
      const auto place = split_event_key(key);
      const bool goes = place && place->second < last_;
      if (goes)
        note_expiry_and_files(key, value, place->second);
      return goes;
    };
    // A scope's keys lie among others' that share its checksum; whose they are, the rows tell.
    const auto older_key = [&](std::string_view key, std::string_view value) {
      const auto row = decode_dedupe(key, value);
      return row && row->conversation == id_ && row->seq < last_;
    };
    for (const auto& done :
         {take_segments(most, erased),
          take(model_table::events, event_prefix(id_), most, erased, older_event),
          take(model_table::tallies, tallies_prefix(id_), most, erased, any),
          take(model_table::receipts, receipt_prefix(id_), most, erased, any),
          take(model_table::journal, receipt_prefix(id_), most, erased, any),
          take(model_table::messages, event_prefix(id_), most, erased, any),
          take(model_table::hidden, event_prefix(id_), most, erased, any),
          take(model_table::pins, event_prefix(id_), most, erased, any),
          take(model_table::replies, event_prefix(id_), most, erased, any),
          take(model_table::thread_reads, event_prefix(id_), most, erased, any),
          take(model_table::restrictions, member_prefix(id_), most, erased, any),
          take(model_table::reactions, reactions_prefix(id_), most, erased, any),
          take(model_table::corrections, corrections_prefix(id_), most, erased, any),
          take(model_table::dedupe, dedupe_prefix(id_), most, erased, older_key)})
      if (!done)
        return done.error();
    for (const auto& each : expiries_)
      from_.erase(index_of(model_table::expiries), each);
    files_.write(from_);
    cold_.write(from_);
    return has_room() ? erased : most; // as good as full
  }

private:
  /// Of each file that a message had three rows change.
  bool has_room() const { return expiries_.size() + 3 * files_.released() < expiries_at_once; }

  /// A segment goes once all in it is noted; what was noted in an earlier transaction is gone.
  outcome take_segments(std::size_t most, std::size_t& erased) {
    const std::string prefix = event_prefix(id_);
    cursor at = rows_.rows(model_table::cold);
    for (bool more = at.seek(prefix); more && at.key().starts_with(prefix) && erased < most;
         more = at.next(), ++erased) {
      if (const auto segment = segment_cache::of_thread().open(at.key(), at.value()); segment)
        for (sequence seq = (*segment)->first(); seq <= (*segment)->last(); seq = seq.next()) {
          if (!has_room())
            return success();
          note_expiry_and_files(*(*segment)->find(seq), seq);
        }
      if (auto gone = cold_.erase(std::string(at.key()), at.value()); !gone)
        return gone;
    }
    return at.error() ? outcome{*at.error()} : success();
  }

  void note_expiry_and_files(std::string_view key, std::string_view value, sequence seq) {
    if (const auto row = decode_event(key, value); row)
      note_expiry_and_files(*row, seq);
  }

  /// A message that would go some day goes now, and its files have lost it.
  void note_expiry_and_files(const event_row& row, sequence seq) {
    const auto facts = row.kind == record_kind::message ? facts_of(row.event) : std::nullopt;
    if (facts && facts->expires_at > 0)
      note_expiry(expiry_key(facts->expires_at, id_, seq));
    if (!facts || facts->files.empty())
      return;
    const auto end = rows_.required_event(id_, last_);
    const auto when = end ? facts_of(end->event) : std::nullopt;
    for (const auto& each : facts->files)
      if (const auto used = rows_.is_file_used(file_use_key(each, id_, seq)); !used || !*used)
        continue;
      else
        files_.release_or_leave(each, id_, seq, when ? when->at : timestamp{});
  }

  void note_expiry(std::string key) {
    if (const auto there = rows_.expires(key); there && *there)
      expiries_.push_back(std::move(key));
  }

  template <class IsTheirs>
  outcome take(model_table table, const std::string& prefix, std::size_t most, std::size_t& erased,
               IsTheirs&& is_theirs) {
    if (!has_room())
      return success(); // the rest has a transaction of its own
    auto keys =
        some_keys(rows_, table, prefix, most - erased, is_theirs, [this] { return has_room(); });
    if (!keys)
      return keys.error();
    for (const auto& each : *keys)
      from_.erase(index_of(table), each);
    erased += keys->size();
    return success();
  }

  write_transaction& from_;
  row_reader rows_;
  conversation_id id_;
  sequence last_;
  std::vector<std::string> expiries_;
  file_changes files_;
  cold_changes cold_;
};

/// Up to `most` reactions to a message; gives how many.
result<std::size_t> erase_reactions(write_transaction& from, const std::string& prefix,
                                    std::size_t most) {
  const auto any = [](std::string_view, std::string_view) { return true; };
  auto keys =
      some_keys(row_reader{from}, model_table::reactions, prefix, most, any, [] { return true; });
  if (!keys)
    return keys.error();
  for (const auto& each : *keys)
    from.erase(index_of(model_table::reactions), each);
  return keys->size();
}

/// The key of a creation stays, so that a retry makes nothing new; what it was answered goes.
outcome forget_answer(write_transaction& in, const row_reader& rows, const std::string& key) {
  if (key.empty())
    return success();
  cursor at = rows.rows(model_table::dedupe);
  if (!at.seek(key) || at.key() != key)
    return at.error() ? outcome{*at.error()} : success();
  auto row = decode_dedupe(at.key(), at.value());
  if (!row)
    return success(); // damage, which `check` names
  row->answer = {};
  in.put(index_of(model_table::dedupe), key, encode_row(key, *row));
  return success();
}

/// The first that is to go and can.
result<std::optional<std::string>> next_condemned(const row_reader& rows,
                                                  const std::set<std::string>& damaged) {
  cursor at = rows.rows(model_table::condemned);
  bool more = at.first();
  while (more && damaged.contains(std::string(at.key())))
    more = at.next();
  if (at.error())
    return *at.error();
  return more ? std::optional{std::string(at.key())} : std::nullopt;
}

/// What one transaction has done.
struct purged_so_far {
  std::size_t erased = 0;
  std::size_t trimmed = 0; ///< Conversations that lost their oldest events.
};

/// Goes on with one that is condemned; its row goes with the last of it, and then this is `true`.
result<bool> purge_one(write_transaction& from, const std::string& condemned, std::size_t most,
                       purged_so_far& done) {
  const row_reader rows{from};
  const std::size_t room = most - done.erased;
  std::size_t some = 0;
  if (const auto reactions = condemned_reactions(condemned)) {
    auto taken = erase_reactions(from, *reactions, room);
    if (!taken)
      return taken.error();
    some = *taken;
  } else {
    auto row = rows.conversation(conversation_id{condemned});
    const bool is_there = row && *row; // otherwise there is damage, which `check` names
    if (is_there && ((*row)->deleted || (*row)->kept_from.value() > 0)) {
      done.trimmed += (*row)->deleted ? 0 : 1;
      const std::string creation_key = (*row)->deleted ? (*row)->creation_key : std::string{};
      auto taken =
          (*row)->deleted
              ? one_conversation{from, conversation_id{condemned}, (*row)->head}.erase(room)
              : purge_trimmed(from, conversation_id{condemned}, std::move(**row), room);
      if (!taken)
        return taken.error();
      some = *taken;
      if (some < room)
        if (auto forgot = forget_answer(from, rows, creation_key); !forgot)
          return forgot.error();
    }
  }
  done.erased += some;
  if (done.erased >= most)
    return false;
  from.erase(index_of(model_table::condemned), condemned);
  ++done.erased;
  return true;
}

} // namespace

result<std::size_t> purge(write_transaction& from, std::size_t most,
                          std::set<std::string>& damaged) {
  purged_so_far done;
  while (done.erased < most && done.trimmed < trimmed_in_one) {
    auto condemned = next_condemned(row_reader{from}, damaged);
    if (!condemned)
      return condemned.error();
    if (!*condemned)
      break;
    if (auto purged = purge_one(from, **condemned, most, done); !purged) {
      if (!from.error()) // or there was no room
        damaged.insert(**condemned);
      return purged.error();
    }
  }
  return done.erased;
}

} // namespace parley
