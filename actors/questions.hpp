// Commands that change nothing: what a client can ask about conversations and messages.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "actors/ids.hpp"

namespace parley {

/// Which hits of a search come first.
enum class search_order : std::uint8_t { newest, relevance };

std::string_view to_string(search_order value) noexcept;
std::optional<search_order> parse_search_order(std::string_view text) noexcept;

/// Asks for the conversation's facts.
struct get_conversation {
  static constexpr std::string_view name = "get";
  conversation_id conversation;
  static void fields(auto&& each) { each("conversation", &get_conversation::conversation); }
};

/// Asks for a page of members.
struct get_members {
  static constexpr std::string_view name = "members";
  conversation_id conversation;
  std::optional<std::uint64_t> limit;
  std::optional<std::string> cursor;
  static void fields(auto&& each) {
    each("conversation", &get_members::conversation);
    each("limit", &get_members::limit);
    each("cursor", &get_members::cursor);
  }
};

/// Asks for a page of events as they should be seen now; at most one of the three anchors.
struct history {
  static constexpr std::string_view name = "history";
  conversation_id conversation;
  std::optional<std::uint64_t> before;
  std::optional<std::uint64_t> after;
  std::optional<std::uint64_t> around;
  std::optional<std::uint64_t> limit;
  static void fields(auto&& each) {
    each("conversation", &history::conversation);
    each("before", &history::before);
    each("after", &history::after);
    each("around", &history::around);
    each("limit", &history::limit);
  }
};

/// Asks for events after a number, as they were delivered.
struct sync_events {
  static constexpr std::string_view name = "sync";
  conversation_id conversation;
  std::uint64_t after = 0;
  std::optional<std::uint64_t> limit;
  static void fields(auto&& each) {
    each("conversation", &sync_events::conversation);
    each("after", &sync_events::after);
    each("limit", &sync_events::limit);
  }
};

/// Asks who has a message, and since when.
struct get_receipts {
  static constexpr std::string_view name = "receipts";
  conversation_id conversation;
  std::uint64_t message = 0;
  std::optional<std::uint64_t> limit = {};
  std::optional<std::string> cursor = {};
  std::optional<bool> counts = {}; ///< How many have it is wanted, too.
  static void fields(auto&& each) {
    each("conversation", &get_receipts::conversation);
    each("message", &get_receipts::message);
    each("limit", &get_receipts::limit);
    each("cursor", &get_receipts::cursor);
    each("counts", &get_receipts::counts);
  }
};

/// Asks how far one's own devices have got in a conversation.
struct get_devices {
  static constexpr std::string_view name = "devices";
  conversation_id conversation;
  static void fields(auto&& each) { each("conversation", &get_devices::conversation); }
};

/// Asks for all bodies that a message has had, the first one first.
struct get_versions {
  static constexpr std::string_view name = "versions";
  conversation_id conversation;
  std::uint64_t message = 0;
  std::optional<std::uint64_t> limit = {};
  std::optional<std::string> cursor = {};
  static void fields(auto&& each) {
    each("conversation", &get_versions::conversation);
    each("message", &get_versions::message);
    each("limit", &get_versions::limit);
    each("cursor", &get_versions::cursor);
  }
};

/// Asks who reacted to a message, and how.
struct get_reactions {
  static constexpr std::string_view name = "reactions";
  conversation_id conversation;
  std::uint64_t message = 0;
  std::optional<std::string> emoji = {}; ///< Only this one.
  std::optional<std::uint64_t> limit = {};
  std::optional<std::string> cursor = {};
  static void fields(auto&& each) {
    each("conversation", &get_reactions::conversation);
    each("message", &get_reactions::message);
    each("emoji", &get_reactions::emoji);
    each("limit", &get_reactions::limit);
    each("cursor", &get_reactions::cursor);
  }
};

/// Asks what became of a message that was deleted for everyone.
struct get_erasure {
  static constexpr std::string_view name = "erasure";
  conversation_id conversation;
  std::uint64_t message = 0;
  static void fields(auto&& each) {
    each("conversation", &get_erasure::conversation);
    each("message", &get_erasure::message);
  }
};

/// Asks for a page of the messages in a thread, as they should be seen now; at most one of the two
/// anchors.
struct get_thread {
  static constexpr std::string_view name = "thread";
  conversation_id conversation;
  std::uint64_t message = 0; ///< The one that began it.
  std::optional<std::uint64_t> before = {};
  std::optional<std::uint64_t> after = {};
  std::optional<std::uint64_t> limit = {};
  static void fields(auto&& each) {
    each("conversation", &get_thread::conversation);
    each("message", &get_thread::message);
    each("before", &get_thread::before);
    each("after", &get_thread::after);
    each("limit", &get_thread::limit);
  }
};

/// Asks for one's conversations, the most recently changed first.
struct list_conversations {
  static constexpr std::string_view name = "list";
  std::optional<std::uint64_t> limit = {};
  std::optional<std::string> cursor = {};
  std::optional<bool> archived = {}; ///< True: only those that were put away; else: the others.
  std::optional<bool> unread =
      {}; ///< True: only those in which something is unread; false: the others.
  std::optional<bool> hidden =
      {}; ///< True: only those that were hidden, archived or not; else: the others.
  static void fields(auto&& each) {
    each("limit", &list_conversations::limit);
    each("cursor", &list_conversations::cursor);
    each("archived", &list_conversations::archived);
    each("unread", &list_conversations::unread);
    each("hidden", &list_conversations::hidden);
  }
};

/// Asks whom one has blocked.
struct list_blocks {
  static constexpr std::string_view name = "blocks";
  std::optional<std::uint64_t> limit = {};
  std::optional<std::string> cursor = {};
  static void fields(auto&& each) {
    each("limit", &list_blocks::limit);
    each("cursor", &list_blocks::cursor);
  }
};

/// Asks how much is unread in all of one's conversations.
struct get_totals {
  static constexpr std::string_view name = "totals";
  static void fields(auto&&) {}
};

/// Asks of what one was told that one has not read.
struct list_notifications {
  static constexpr std::string_view name = "notifications";
  std::optional<std::uint64_t> limit = {};
  std::optional<std::string> cursor = {};
  std::optional<bool> unseen = {}; ///< True: only those that were not dismissed.
  static void fields(auto&& each) {
    each("limit", &list_notifications::limit);
    each("cursor", &list_notifications::cursor);
    each("unseen", &list_notifications::unseen);
  }
};

/// Asks how one wants to be told.
struct get_notification_settings {
  static constexpr std::string_view name = "my_preferences";
  static void fields(auto&&) {}
};

/// Asks for messages by what they say, among all that one may read.
struct search_messages {
  static constexpr std::string_view name = "search";
  std::string query; ///< Words, "phrases", prefix*, -without and filters.
  std::optional<conversation_id> conversation = {};
  std::optional<user_id> from = {};
  std::optional<std::uint64_t> since = {}; ///< Milliseconds since the Unix epoch.
  std::optional<std::uint64_t> until = {}; ///< Likewise; that moment included.
  std::optional<search_order> order = {};  ///< Newest first, unless it says otherwise.
  std::optional<std::uint64_t> limit = {};
  std::optional<std::string> cursor = {};
  static void fields(auto&& each) {
    each("query", &search_messages::query);
    each("conversation", &search_messages::conversation);
    each("from", &search_messages::from);
    each("since", &search_messages::since);
    each("until", &search_messages::until);
    each("order", &search_messages::order);
    each("limit", &search_messages::limit);
    each("cursor", &search_messages::cursor);
  }
};

/// Asks which messages are pinned.
struct get_pins {
  static constexpr std::string_view name = "pins";
  conversation_id conversation;
  static void fields(auto&& each) { each("conversation", &get_pins::conversation); }
};

/// Asks who is kept out of the conversation, and who has to be silent.
struct get_restrictions {
  static constexpr std::string_view name = "restrictions";
  conversation_id conversation;
  static void fields(auto&& each) { each("conversation", &get_restrictions::conversation); }
};

/// Asks how many members are there, and in a small conversation who.
struct get_presences {
  static constexpr std::string_view name = "presences";
  conversation_id conversation;
  static void fields(auto&& each) { each("conversation", &get_presences::conversation); }
};

/// An administrator asks which conversations are held.
struct list_holds {
  static constexpr std::string_view name = "holds";
  std::optional<std::uint64_t> limit = {};
  std::optional<std::string> cursor = {};
  static void fields(auto&& each) {
    each("limit", &list_holds::limit);
    each("cursor", &list_holds::cursor);
  }
};

/// Asks what a file is, and for an address to download it from.
struct get_file {
  static constexpr std::string_view name = "file";
  file_id file;
  static void fields(auto&& each) { each("file", &get_file::file); }
};

} // namespace parley
