// What other CAF nodes can ask an engine for, through CAF's own middleman: questions and answers
// that cross the network. Needs nothing of the engine but this header.
//
// Every question carries a token, which says whose it is, and may be asked again when its answer
// was lost: what changes something has a `client_id`, what reads goes on from a cursor.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "actors/caf.hpp"

namespace parley::gateway {

/// Who asks, and from where.
struct caller {
  std::string token;
  std::string device; ///< The same name is the same device; each has a cursor of its own.
};

/// How it went.
struct verdict {
  std::string code; ///< Empty when it went well; else an error code of the protocol.
  std::string message;
  std::uint64_t retry_after_ms = 0; ///< 0: not said.
};

/// An event of a conversation, or a `gap` in what was told.
struct event {
  std::string conversation;
  std::uint64_t seq = 0;
  std::int64_t at = 0;    ///< Milliseconds since the Unix epoch.
  std::string type;       ///< As in the protocol.
  std::string user;       ///< Who wrote, did or reacted.
  std::string body;       ///< Of a message or an edit.
  std::uint64_t from = 0; ///< Of a gap: its first number; `seq` is its last.
};

/// Make a conversation, or find it: of two users when `with` is somebody, else a group.
struct open_conversation {
  caller who;
  std::string with;
  std::string title;
  std::vector<std::string> members;
  std::string client_id;
};
/// The conversation is there.
struct opened {
  verdict how;
  std::string conversation;
};

/// Post a message.
struct post {
  caller who;
  std::string conversation;
  std::string client_id;
  std::string body;
};
/// It is on disk, under this number.
struct posted {
  verdict how;
  std::uint64_t seq = 0;
  std::int64_t at = 0;
};

/// What has happened since a cursor? Waits for something to happen, up to `patience_ms`.
struct fetch {
  caller who;
  std::string cursor; ///< Of the last answer; empty: begin now.
  std::uint64_t patience_ms = 0;
};
/// Everything since then, and the cursor to go on from. With `is_reset` something may be missing
/// before it: read anew what you had.
struct fetched {
  verdict how;
  std::vector<event> events;
  std::string cursor;
  bool is_reset = false;
};

/// Events of a conversation behind a number: what fills a gap.
struct pull {
  caller who;
  std::string conversation;
  std::uint64_t after = 0;
};
/// Some of them, in rising order.
struct pulled {
  verdict how;
  std::vector<event> events;
  bool has_more = false;
};

/// Are you there?
struct heartbeat {
  std::uint64_t number = 0;
};
/// Yes: the number of the question.
struct alive {
  std::uint64_t number = 0;
};

// --- How they are written on the wire between nodes, which is CAF's own
// ---------------------------

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, caller& x) {
  return f(x.token, x.device);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, verdict& x) {
  return f(x.code, x.message, x.retry_after_ms);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, event& x) {
  return f(x.conversation, x.seq, x.at, x.type, x.user, x.body, x.from);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, open_conversation& x) {
  return f(x.who, x.with, x.title, x.members, x.client_id);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, opened& x) {
  return f(x.how, x.conversation);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, post& x) {
  return f(x.who, x.conversation, x.client_id, x.body);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, posted& x) {
  return f(x.how, x.seq, x.at);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, fetch& x) {
  return f(x.who, x.cursor, x.patience_ms);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, fetched& x) {
  return f(x.how, x.events, x.cursor, x.is_reset);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, pull& x) {
  return f(x.who, x.conversation, x.after);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, pulled& x) {
  return f(x.how, x.events, x.has_more);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, heartbeat& x) {
  return f(x.number);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, alive& x) {
  return f(x.number);
}

} // namespace parley::gateway

namespace parley {

/// The handle that other nodes get from the middleman.
using gateway_actor =
    caf::typed_actor<asks<gateway::open_conversation, gateway::opened>,
                     asks<gateway::post, gateway::posted>, asks<gateway::fetch, gateway::fetched>,
                     asks<gateway::pull, gateway::pulled>,
                     asks<gateway::heartbeat, gateway::alive>>;

/// Both nodes call it for the configuration of their actor systems.
inline void add_gateway_messages(caf::actor_system_config& config) {
  config.add_message_type<gateway::caller>("parley::gateway::caller");
  config.add_message_type<gateway::verdict>("parley::gateway::verdict");
  config.add_message_type<gateway::event>("parley::gateway::event");
  config.add_message_type<gateway::open_conversation>("parley::gateway::open_conversation");
  config.add_message_type<gateway::opened>("parley::gateway::opened");
  config.add_message_type<gateway::post>("parley::gateway::post");
  config.add_message_type<gateway::posted>("parley::gateway::posted");
  config.add_message_type<gateway::fetch>("parley::gateway::fetch");
  config.add_message_type<gateway::fetched>("parley::gateway::fetched");
  config.add_message_type<gateway::pull>("parley::gateway::pull");
  config.add_message_type<gateway::pulled>("parley::gateway::pulled");
  config.add_message_type<gateway::heartbeat>("parley::gateway::heartbeat");
  config.add_message_type<gateway::alive>("parley::gateway::alive");
}

} // namespace parley
