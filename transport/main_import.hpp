// Takes over what happened elsewhere: commands with who gave them and when, into a store that
// nobody serves.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "actors/conversation_state.hpp"
#include "persistence/store.hpp"
#include "transport/main_import_files.hpp"

namespace parley {

/// What an import has done.
struct import_figures {
  std::uint64_t lines = 0;
  std::uint64_t records = 0; ///< Of the log, with those that say what was read.
  std::uint64_t refused = 0;
};

/// Has conversations decide each line as they would decide the command of a client, at the moment
/// that it says. What they refuse is not taken, what they know already changes nothing: the same
/// lines may be given again. After a failure it is over.
class importer {
public:
  /// All of the store's log must be applied. `folder` is where the paths of files begin.
  explicit importer(std::shared_ptr<store> into, std::filesystem::path folder = {});

  /// Why a line was refused, or nothing. A failure is the store's.
  result<std::optional<std::string>> take(std::string_view line);
  /// Everything that was imported counts as read by whoever is a member now.
  outcome mark_all_read();
  /// Everything is on disk, and nobody will be told of it: no notification, no webhook.
  outcome finish(timestamp now);

  const import_figures& figures() const noexcept { return figures_; }

private:
  using refusal = result<std::optional<std::string>>;
  /// A conversation in memory.
  struct room {
    room(conversation_id of, message_windows windows) : id(std::move(of)), state(id, windows) {}
    conversation_id id;
    conversation_state state;
    append_number last = {}; ///< Of what waits to be written.
    bool waits = false;
  };
  /// A command with where it goes.
  struct directed {
    conversation_id to;
    conversation_command what;
  };

  /// A line with who and when.
  struct stated {
    import_json what;
    user_id by;
    timestamp at;
  };

  static result<stated> read(std::string_view line);
  result<directed> direct(stated& line, std::string_view text);
  refusal take_file(const stated& line, std::string_view text);
  result<room*> enter(const conversation_id& id);
  refusal decide(room& in, const asker& who, const conversation_command& what, timestamp at);
  /// Learns what the state has asked for; false when it cannot be had here.
  result<bool> find_out(room& in, const asker& who, const verdict& asked);
  outcome queue(room& in, const propose& what);
  outcome write(record_ptr what);
  outcome flush();
  outcome pass_by_webhooks();

  std::shared_ptr<store> into_;
  imported_files files_;
  position before_;                              ///< Where the log ended.
  std::map<std::string, conversation_id> names_; ///< Of the file, and which conversations they are.
  std::unordered_map<conversation_id, std::unique_ptr<room>> rooms_;
  std::map<conversation_id, timestamp> messages_; ///< Conversations with new ones: the last moment.
  std::vector<record_ptr> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::set<room*> touched_; ///< Whose records wait.
  import_figures figures_;
};

} // namespace parley
