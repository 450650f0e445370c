// The search index: a projection of the log in a file of its own, which can be made again at any
// time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/erasures.hpp"
#include "actors/ids.hpp"
#include "actors/time.hpp"
#include "persistence/read_model.hpp"
#include "persistence/search/search_cursor.hpp"
#include "persistence/search/search_terms.hpp"
#include "persistence/sqlite.hpp"

namespace parley {

/// A message as it is to be found.
struct searchable_message {
  conversation_id conversation;
  sequence seq;
  user_id from;
  timestamp at{};
  std::string body;
  bool has_files = false; ///< Not told by who finds it.
};

/// The index's only writer; one thread at a time. Changes become visible, and last, with `commit`;
/// after a failure everything since the last one is gone. Putting a message that is there replaces
/// it.
class search_index {
public:
  /// Opens the index of a store's life in `directory`, or makes it: also when the one there is
  /// damaged, of another format or another life, ahead of `newest`, or was being written when the
  /// machine stopped.
  static result<std::unique_ptr<search_index>> open(const std::filesystem::path& directory,
                                                    std::string_view epoch, position newest);
  /// Removes the index, if there is one.
  static outcome remove(const std::filesystem::path& directory);
  /// Waits until all that was committed is on disk.
  ~search_index();
  search_index(const search_index&) = delete;
  search_index& operator=(const search_index&) = delete;

  /// Everything of the log up to here is in it.
  position at() const noexcept { return at_; }

  outcome put(const searchable_message& message);
  /// Gives a message another body, if it is there.
  outcome change(const conversation_id& conversation, sequence seq, const std::string& body);
  outcome erase(const conversation_id& conversation, sequence seq);
  /// None of its messages is wanted any more; `purge_some` takes them away.
  outcome forget(const conversation_id& conversation);
  /// The same of its messages before a number.
  outcome forget_before(const conversation_id& conversation, sequence kept_from);
  /// Users who were erased are known by their pseudonyms from now on, if they are known at all.
  /// `internal`: one is known by both, and the index is to be made anew.
  outcome rename(const std::vector<user_erasure>& erased);
  outcome commit(position at);

  /// Erases a portion of what was forgotten; false when there is nothing left.
  result<bool> purge_some();
  bool may_have_forgotten() const noexcept { return may_have_forgotten_; }

  // --- Catching up: places are collected, then taken in the order of the log --------------------

  outcome queue(const std::vector<message_place>& places);
  /// Takes up to `most` off the queue, for which `commit` is due.
  result<std::vector<message_place>> take_queued(std::size_t most);
  outcome clear_queue();
  /// Makes what was queued or taken last, and still no claim how far the index is.
  outcome commit_partly();

private:
  search_index() = default;
  outcome open_file(const std::filesystem::path& directory, std::string_view epoch,
                    position newest);
  outcome sync_all();
  outcome prepare_statements();
  outcome read_meta(std::string_view epoch, position newest);
  outcome begin();
  outcome kept(outcome done);
  result<std::int64_t> id_of_conversation(const conversation_id& id);
  result<std::int64_t> id_of_user(const user_id& id);
  outcome put_row(const searchable_message& message);
  outcome replace_body(std::int64_t row, const std::string& body);
  outcome add_words(std::int64_t row, std::string_view body, const std::string& scope);
  outcome drop_words(std::int64_t row, std::string_view body, const std::string& scope);
  outcome note_day(std::int64_t row, timestamp at);
  /// 0 without one.
  result<std::int64_t> row_of(std::int64_t conversation, sequence seq);
  result<std::int64_t> row_of(const conversation_id& conversation, sequence seq);
  outcome erase_row(std::int64_t row);
  outcome rename_users(const std::vector<user_erasure>& erased);

  std::filesystem::path directory_;
  std::optional<sqlite_connection> file_;
  struct statements {
    sqlite_statement add_conversation, find_conversation, add_user, find_user;
    sqlite_statement add_message, find_message, read_message, change_message, drop_message;
    sqlite_statement add_words, drop_words, widen_day;
    sqlite_statement forget, forget_before, forgotten, messages_of, drop_conversation, keep_rest;
    sqlite_statement queue, queued, unqueue, set_position;
    sqlite_statement all_users, rename_user;
  } do_;
  std::unordered_map<std::string, std::int64_t>
      conversations_; ///< Bounded; asked again when it is not there.
  std::unordered_map<std::string, std::int64_t> users_;
  position at_;
  std::int64_t next_row_ = 1;
  bool in_transaction_ = false;
  bool may_have_forgotten_ = true; ///< Until a look says otherwise.
};

/// Which messages are looked at for a page of hits.
struct index_question {
  const search_terms* terms = nullptr;
  std::vector<conversation_id> among; ///< Nothing else may be found.
  position at_least;                  ///< What the index must have.
  std::optional<std::string> cursor;
  std::size_t limit = 0;
  search_order order = search_order::newest;
};

/// What was found, best or newest first.
struct found_messages {
  std::vector<searchable_message> items;
  std::optional<std::string> cursor; ///< Names the place to go on from, when there may be more.
  search_order order = search_order::newest; ///< That they are in.
};

/// Decides on what the index does not know of a message; a failure ends the search.
using accepts = std::function<result<bool>(const searchable_message&)>;

/// Reads the index beside its writer; one thread at a time.
class search_reader {
public:
  /// Cursors are good for who opens with the same key.
  static result<std::unique_ptr<search_reader>> open(const std::filesystem::path& directory,
                                                     std::uint64_t cursor_key);

  /// All of it sees the index as it was at one moment. `overloaded` when it does not have what it
  /// must. `bad_request` for a cursor that is none. At most limits::search_steps are looked at, so
  /// that a page may have few hits and a cursor. When the best are wanted and these are too few to
  /// find the newest matches of who is in very many conversations, hits come by `newest`.
  result<found_messages> find(const index_question& asked, const accepts& accept);
  /// The file is damaged: a statement of this reader said so.
  bool is_damaged() const noexcept { return is_damaged_; }

private:
  search_reader() = default;
  struct scope;
  struct bounds;
  struct ranking;
  result<found_messages> find_in_view(const index_question& asked, const accepts& accept);
  result<scope> read_scope(const index_question& asked);
  result<bounds> read_bounds(const index_question& asked);
  result<std::optional<searchable_message>> read_message(std::int64_t row);
  failure noted(failure why);
  /// Looks at one candidate.
  outcome take(std::int64_t row, const accepts& accept, found_messages& into);
  result<found_messages> find_newest(const index_question& asked, const scope& within,
                                     const bounds& rows, std::int64_t before,
                                     const accepts& accept);
  result<found_messages> find_best(const index_question& asked, const scope& within,
                                   const bounds& rows, const std::optional<end_of_hits>& behind,
                                   const accepts& accept);
  result<ranking> rank(const index_question& asked, const scope& within, const bounds& rows,
                       std::int64_t before);
  result<std::string> read_weights(const search_terms& terms, std::int64_t before);
  /// Of all messages before a row, as far as a look at the newest tells.
  result<double> share_of(const search_phrase& phrase, std::int64_t before);

  std::optional<sqlite_connection> file_;
  sqlite_statement conversation_, user_, first_of_day_, last_of_day_, newest_, scored_, message_;
  sqlite_statement position_, newest_row_, with_word_;
  std::uint64_t key_ = 0; ///< Of cursors.
  bool is_damaged_ = false;
};

} // namespace parley
