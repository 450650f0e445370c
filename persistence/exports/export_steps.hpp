// The parts of an export, each read in portions: no transaction lasts, whatever there is to read.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "actors/exports.hpp"
#include "persistence/exports/export_entries.hpp"
#include "persistence/rows.hpp"

namespace parley {

/// One part.
class export_step {
public:
  virtual ~export_step() = default;
  /// Reads a portion; false when there is no more.
  virtual result<bool> go_on(const row_reader& rows, export_entries& into) = 0;
};
/// Several, one after another.
using export_steps = std::deque<std::unique_ptr<export_step>>;
/// Reads a portion of the first, which goes when it has no more; false when there is none.
result<bool> go_on_with(export_steps& steps, const row_reader& rows, export_entries& into);

/// A part that is done at once.
std::unique_ptr<export_step>
export_at_once(std::function<outcome(const row_reader&, export_entries&)> read);
/// A part that is read page by page: `read` gives the next page's cursor, or nothing.
using export_page = std::function<result<std::optional<std::string>>(
    const row_reader&, const std::optional<std::string>& cursor, export_entries&)>;
std::unique_ptr<export_step> export_pages(export_page read);

/// What every part of an export knows.
struct export_scope {
  std::optional<user_id> reader; ///< Nobody: everything.
  bool of_user = false;          ///< It is about the reader, not about a conversation.
  position until;                ///< Events behind this batch are left out.
};

/// A conversation's settings, members, events, files and receipts, in a folder (`""` or `x/`).
/// Who may not read it (any more) gets `not_found`; in an export of a user it just ends there.
void add_conversation_steps(export_steps& to, const conversation_id& conversation,
                            const export_scope& scope, const std::string& folder);
/// Of a conversation that the reader has left: their own messages, edits, reactions and files.
void add_own_steps(export_steps& to, const conversation_id& conversation, const export_scope& scope,
                   const std::string& folder, const membership_row& mine);
/// What is stored of the user beside conversations, then those.
void add_user_steps(export_steps& to, const user_id& user, position until);

/// `not_found` unless the reader, or nobody in particular, may read the conversation.
outcome may_export(const row_reader& rows, const conversation_id& conversation,
                   const std::optional<user_id>& reader);
/// Whether anything is stored of a user.
result<bool> is_user_known(const row_reader& rows, const user_id& user);

/// A file as `files-000001.jsonl` has it; `messages` is a MessagePack array, or nothing.
std::string encode_exported_file(const stored_file& file, std::string_view messages);

} // namespace parley
