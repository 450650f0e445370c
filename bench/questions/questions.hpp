// The questions this client can ask; each has a source file of the same name.
#pragma once

#include <vector>

#include "bench/answer.hpp"
#include "bench/options.hpp"

namespace parley::bench {

/// What does a delivery cost when one sender writes to a conversation of many members?
Answer ask_fanout(const Options& options);

/// How many sends are acknowledged, how soon, when many senders write to many conversations?
Answer ask_sends(const Options& options);

/// What does a connection cost that does nothing?
Answer ask_idle(const Options& options);

/// What does it cost when watched users come, change their status and go?
Answer ask_presence(const Options& options);

/// What does it cost when a user of many conversations connects? A row for each state of affairs.
std::vector<Answer> ask_connect(const Options& options);

/// What does a `read` of a member cost in a large conversation? A row for each number in flight.
std::vector<Answer> ask_reads(const Options& options);

/// What does a server remember of many conversations of which few are in use? A row for those few
/// alone, and one for all.
std::vector<Answer> ask_many(const Options& options);

/// What do many small conversations cost with sends, receipts and typing? A row for the closed loop
/// and one for the open one.
std::vector<Answer> ask_mixed(const Options& options);

/// What do quiet conversations notice of a hot one? A row without it, one with it.
std::vector<Answer> ask_beside(const Options& options);

/// How fast do many users connect at once? A row for each state of affairs.
std::vector<Answer> ask_storm(const Options& options);

/// What does the list of a user in many conversations cost?
Answer ask_list(const Options& options);

/// How fast is a store filled through the protocol?
Answer ask_fill(const Options& options);

/// What do the same operations cost as the store and its conversations grow? A row for each point.
std::vector<Answer> ask_growth(const Options& options);

/// How soon is a page of fifty there in a large store? A row for each number of connections.
std::vector<Answer> ask_history(const Options& options);

/// How fast are many messages indexed, and how soon are two words found among them? A row for a
/// searcher who is in all conversations, and one for a searcher who is in few.
std::vector<Answer> ask_search(const Options& options);

/// How long does it take to rewrite a large store in use, and what do senders feel of it?
Answer ask_compact(const Options& options);

/// How soon is a server ready on a large store, and how long does a check of it take?
Answer ask_start(const Options& options);

/// How long does the disk take to make one small write durable?
Answer ask_disk(const Options& options);

/// How long does bare LMDB take to commit messages as our log does? A row for each batch size.
std::vector<Answer> ask_log(const Options& options);

} // namespace parley::bench
