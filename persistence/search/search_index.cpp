// Writes the index: messages by row, their words in FTS5, names as small numbers.
#include "persistence/search/search_index.hpp"

#include <utility>

#include "persistence/search/index_file.hpp"
#include "persistence/search/words.hpp"

namespace parley {

namespace {

/// Names kept in memory before they are forgotten and asked for again.
constexpr std::size_t most_names = 100'000;
/// Messages that a purge erases at a time.
constexpr std::int64_t purged_at_once = 200;

std::string joined(const std::vector<word>& words) {
  std::string text;
  for (const auto& each : words) {
    text += each.term;
    text += ' ';
  }
  return text;
}

std::string scope_of(std::int64_t conversation, std::int64_t sender, std::string_view body,
                     bool has_files) {
  return facet::any + ' ' + facet::conversation(conversation) + ' ' + facet::sender(sender) +
         (has_link(body) ? ' ' + facet::link : std::string{}) +
         (has_files ? ' ' + facet::file : std::string{});
}

} // namespace

// --- Transactions --------------------------------------------------------------------------------

outcome search_index::begin() {
  if (in_transaction_)
    return success();
  auto begun = file_->run("BEGIN IMMEDIATE");
  in_transaction_ = begun.ok();
  return begun;
}

/// What failed takes everything with it since the last commit, also what was thought of names and
/// rows.
outcome search_index::kept(outcome done) {
  if (done.ok() || !in_transaction_)
    return done;
  in_transaction_ = false;
  file_->run("ROLLBACK");
  conversations_.clear();
  users_.clear();
  return done;
}

outcome search_index::commit(position at) {
  if (auto begun = begin(); !begun)
    return begun;
  auto set = kept(do_.set_position.rewind().bind(static_cast<std::int64_t>(at.value())).run());
  if (!set)
    return set;
  auto done = commit_partly();
  if (done)
    at_ = at;
  return done;
}

outcome search_index::commit_partly() {
  if (!in_transaction_)
    return success();
  auto done = kept(file_->run("COMMIT"));
  in_transaction_ = false;
  return done;
}

// --- Messages ------------------------------------------------------------------------------------

namespace {

result<std::int64_t> id_of(std::unordered_map<std::string, std::int64_t>& known,
                           const std::string& name, sqlite_statement& find, sqlite_statement& add) {
  if (const auto at = known.find(name); at != known.end())
    return at->second;
  auto id = find.rewind().bind(name).number();
  if (id && *id == 0) { // without RETURNING, which would have FTS5 write out what it collects
    if (auto added = add.rewind().bind(name).run(); !added)
      return added.error();
    id = find.rewind().bind(name).number();
  }
  if (!id)
    return id;
  if (known.size() >= most_names)
    known.clear();
  known.emplace(name, *id);
  return id;
}

} // namespace

result<std::int64_t> search_index::id_of_conversation(const conversation_id& id) {
  return id_of(conversations_, id.str(), do_.find_conversation, do_.add_conversation);
}

result<std::int64_t> search_index::id_of_user(const user_id& id) {
  return id_of(users_, id.str(), do_.find_user, do_.add_user);
}

outcome search_index::put(const searchable_message& message) {
  if (auto begun = begin(); !begun)
    return begun;
  return kept(put_row(message));
}

outcome search_index::put_row(const searchable_message& message) {
  auto conversation = id_of_conversation(message.conversation);
  if (!conversation)
    return conversation.error();
  auto sender = id_of_user(message.from);
  if (!sender)
    return sender.error();
  auto added = do_.add_message.rewind()
                   .bind(next_row_)
                   .bind(*conversation)
                   .bind(static_cast<std::int64_t>(message.seq.value()))
                   .bind(*sender)
                   .bind(to_wire(message.at))
                   .bind(message.body)
                   .bind(std::int64_t{message.has_files})
                   .run();
  if (!added)
    return added;
  if (file_->rows_changed() == 0) {
    auto row = row_of(*conversation, message.seq);
    return row ? replace_body(*row, message.body) : row.error();
  }
  const std::int64_t row = next_row_++;
  if (auto noted = note_day(row, message.at); !noted)
    return noted;
  return add_words(row, message.body,
                   scope_of(*conversation, *sender, message.body, message.has_files));
}

outcome search_index::replace_body(std::int64_t row, const std::string& body) {
  auto there = do_.read_message.rewind().bind(row).step();
  if (!there)
    return there.error();
  if (!*there)
    return success();
  const std::int64_t conversation = do_.read_message.number_at(0);
  const std::int64_t sender = do_.read_message.number_at(1);
  const std::string before{do_.read_message.text_at(2)};
  const bool has_files = do_.read_message.number_at(3) != 0;
  do_.read_message.rewind();
  if (before == body)
    return success();
  if (auto dropped = drop_words(row, before, scope_of(conversation, sender, before, has_files));
      !dropped)
    return dropped;
  if (auto changed = do_.change_message.rewind().bind(body).bind(row).run(); !changed)
    return changed;
  return add_words(row, body, scope_of(conversation, sender, body, has_files));
}

outcome search_index::add_words(std::int64_t row, std::string_view body, const std::string& scope) {
  const std::string words = joined(words_of(body));
  return do_.add_words.rewind().bind(row).bind(words).bind(scope).run();
}

outcome search_index::drop_words(std::int64_t row, std::string_view body,
                                 const std::string& scope) {
  const std::string words = joined(words_of(body));
  return do_.drop_words.rewind().bind(row).bind(words).bind(scope).run();
}

outcome search_index::note_day(std::int64_t row, timestamp at) {
  return do_.widen_day.rewind().bind(day_of(at)).bind(row).run();
}

result<std::int64_t> search_index::row_of(std::int64_t conversation, sequence seq) {
  return do_.find_message.rewind()
      .bind(conversation)
      .bind(static_cast<std::int64_t>(seq.value()))
      .number();
}

result<std::int64_t> search_index::row_of(const conversation_id& conversation, sequence seq) {
  auto id = do_.find_conversation.rewind().bind(conversation.str()).number();
  return id ? row_of(*id, seq) : id;
}

outcome search_index::change(const conversation_id& conversation, sequence seq,
                             const std::string& body) {
  if (auto begun = begin(); !begun)
    return begun;
  auto row = row_of(conversation, seq);
  return kept(row ? replace_body(*row, body) : row.error());
}

outcome search_index::erase(const conversation_id& conversation, sequence seq) {
  if (auto begun = begin(); !begun)
    return begun;
  auto row = row_of(conversation, seq);
  return kept(row ? erase_row(*row) : row.error());
}

outcome search_index::erase_row(std::int64_t row) {
  auto there = do_.read_message.rewind().bind(row).step();
  if (!there)
    return there.error();
  if (!*there)
    return success();
  const std::string body{do_.read_message.text_at(2)};
  const std::string scope = scope_of(do_.read_message.number_at(0), do_.read_message.number_at(1),
                                     body, do_.read_message.number_at(3) != 0);
  do_.read_message.rewind();
  if (auto dropped = drop_words(row, body, scope); !dropped)
    return dropped;
  return do_.drop_message.rewind().bind(row).run();
}

// A sender is a number in messages and words, and has a name in one place.
outcome search_index::rename(const std::vector<user_erasure>& erased) {
  if (erased.empty())
    return success();
  if (auto begun = begin(); !begun)
    return begun;
  return kept(rename_users(erased));
}

outcome search_index::rename_users(const std::vector<user_erasure>& erased) {
  std::vector<std::pair<std::int64_t, const user_erasure*>> found;
  sqlite_statement& all = do_.all_users.rewind();
  auto more = all.step();
  for (; more && *more; more = all.step()) {
    const digest sum = hash_of(user_id{std::string(all.text_at(1))});
    for (const auto& each : erased)
      if (each.user_hash == sum)
        found.emplace_back(all.number_at(0), &each);
  }
  all.rewind();
  if (!more)
    return more.error();
  for (const auto& [id, of] : found) {
    auto taken = do_.find_user.rewind().bind(of->pseudonym.str()).number();
    if (!taken)
      return taken.error();
    if (*taken != 0)
      return failure{error_code::internal, "a user has two names in the search index", {}};
    if (auto renamed = do_.rename_user.rewind().bind(of->pseudonym.str()).bind(id).run(); !renamed)
      return renamed;
  }
  users_.clear();
  return success();
}

outcome search_index::forget(const conversation_id& conversation) {
  if (auto begun = begin(); !begun)
    return begun;
  may_have_forgotten_ = true;
  return kept(do_.forget.rewind().bind(conversation.str()).run());
}

outcome search_index::forget_before(const conversation_id& conversation, sequence kept_from) {
  if (auto begun = begin(); !begun)
    return begun;
  may_have_forgotten_ = true;
  return kept(do_.forget_before.rewind()
                  .bind(conversation.str())
                  .bind(static_cast<std::int64_t>(kept_from.value()))
                  .run());
}

result<bool> search_index::purge_some() {
  auto there = do_.forgotten.rewind().step();
  if (!there)
    return there.error();
  const std::int64_t id = *there ? do_.forgotten.number_at(0) : 0;
  const std::int64_t gone = *there ? do_.forgotten.number_at(1) : 0; // 1: all, else what is before
  do_.forgotten.rewind();
  if (id == 0) {
    may_have_forgotten_ = false;
    return false;
  }
  if (auto begun = begin(); !begun)
    return begun.error();
  std::vector<std::int64_t> rows;
  do_.messages_of.rewind().bind(id).bind(gone).bind(purged_at_once);
  for (;;) {
    auto more = do_.messages_of.step();
    if (!more)
      return kept(more.error()).error();
    if (!*more)
      break;
    rows.push_back(do_.messages_of.number_at(0));
  }
  do_.messages_of.rewind();
  for (const auto row : rows)
    if (auto erased = kept(erase_row(row)); !erased)
      return erased.error();
  if (rows.empty()) {
    conversations_.clear();
    auto& ends = gone == 1 ? do_.drop_conversation : do_.keep_rest;
    if (auto dropped = kept(ends.rewind().bind(id).run()); !dropped)
      return dropped.error();
  }
  if (auto done = commit_partly(); !done)
    return done.error();
  return true;
}

} // namespace parley
