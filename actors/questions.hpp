// Commands that change nothing: what a client can ask about conversations and messages.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "actors/fields.hpp"
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
  static constexpr auto fields() {
    return std::tuple{field{"conversation", &get_conversation::conversation}};
  }
};

/// Asks for a page of members.
struct get_members {
  static constexpr std::string_view name = "members";
  conversation_id conversation;
  std::optional<std::uint64_t> limit;
  std::optional<std::string> cursor;
  static constexpr auto fields() {
    return std::tuple{field{"conversation", &get_members::conversation},
                      field{"limit", &get_members::limit}, field{"cursor", &get_members::cursor}};
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
  static constexpr auto fields() {
    return std::tuple{field{"conversation", &history::conversation},
                      field{"before", &history::before}, field{"after", &history::after},
                      field{"around", &history::around}, field{"limit", &history::limit}};
  }
};

/// Asks for events after a number, as they were delivered.
struct sync_events {
  static constexpr std::string_view name = "sync";
  conversation_id conversation;
  std::uint64_t after = 0;
  std::optional<std::uint64_t> limit;
  static constexpr auto fields() {
    return std::tuple{field{"conversation", &sync_events::conversation},
                      field{"after", &sync_events::after}, field{"limit", &sync_events::limit}};
  }
};

/// Asks who has a message, and since when.
struct get_receipts {
  static constexpr std::string_view name = "receipts";
  conversation_id conversation;
  std::uint64_t message = 0;
  std::optional<std::uint64_t> limit = {};
  std::optional<std::string> cursor = {};
  static constexpr auto fields() {
    return std::tuple{field{"conversation", &get_receipts::conversation},
                      field{"message", &get_receipts::message},
                      field{"limit", &get_receipts::limit}, field{"cursor", &get_receipts::cursor}};
  }
};

/// Asks for all bodies that a message has had, the first one first.
struct get_versions {
  static constexpr std::string_view name = "versions";
  conversation_id conversation;
  std::uint64_t message = 0;
  std::optional<std::uint64_t> limit = {};
  std::optional<std::string> cursor = {};
  static constexpr auto fields() {
    return std::tuple{field{"conversation", &get_versions::conversation},
                      field{"message", &get_versions::message},
                      field{"limit", &get_versions::limit}, field{"cursor", &get_versions::cursor}};
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
  static constexpr auto fields() {
    return std::tuple{field{"conversation", &get_reactions::conversation},
                      field{"message", &get_reactions::message},
                      field{"emoji", &get_reactions::emoji}, field{"limit", &get_reactions::limit},
                      field{"cursor", &get_reactions::cursor}};
  }
};

/// Asks what became of a message that was deleted for everyone.
struct get_erasure {
  static constexpr std::string_view name = "erasure";
  conversation_id conversation;
  std::uint64_t message = 0;
  static constexpr auto fields() {
    return std::tuple{field{"conversation", &get_erasure::conversation},
                      field{"message", &get_erasure::message}};
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
  static constexpr auto fields() {
    return std::tuple{field{"conversation", &get_thread::conversation},
                      field{"message", &get_thread::message}, field{"before", &get_thread::before},
                      field{"after", &get_thread::after}, field{"limit", &get_thread::limit}};
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
  static constexpr auto fields() {
    return std::tuple{field{"limit", &list_conversations::limit},
                      field{"cursor", &list_conversations::cursor},
                      field{"archived", &list_conversations::archived},
                      field{"unread", &list_conversations::unread}};
  }
};

/// Asks whom one has blocked.
struct list_blocks {
  static constexpr std::string_view name = "blocks";
  std::optional<std::uint64_t> limit = {};
  std::optional<std::string> cursor = {};
  static constexpr auto fields() {
    return std::tuple{field{"limit", &list_blocks::limit}, field{"cursor", &list_blocks::cursor}};
  }
};

/// Asks how much is unread in all of one's conversations.
struct get_totals {
  static constexpr std::string_view name = "totals";
  static constexpr auto fields() { return std::tuple{}; }
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
  static constexpr auto fields() {
    return std::tuple{field{"query", &search_messages::query},
                      field{"conversation", &search_messages::conversation},
                      field{"from", &search_messages::from},
                      field{"since", &search_messages::since},
                      field{"until", &search_messages::until},
                      field{"order", &search_messages::order},
                      field{"limit", &search_messages::limit},
                      field{"cursor", &search_messages::cursor}};
  }
};

/// Asks which messages are pinned.
struct get_pins {
  static constexpr std::string_view name = "pins";
  conversation_id conversation;
  static constexpr auto fields() {
    return std::tuple{field{"conversation", &get_pins::conversation}};
  }
};

/// Asks who is kept out of the conversation, and who has to be silent.
struct get_restrictions {
  static constexpr std::string_view name = "restrictions";
  conversation_id conversation;
  static constexpr auto fields() {
    return std::tuple{field{"conversation", &get_restrictions::conversation}};
  }
};

} // namespace parley
