// What the command line decides.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace parley::bench {

struct Options {
  // Which server.
  std::string server;                   // path of parleyd, to start it ourselves …
  std::vector<std::string> server_args; // … with these arguments on top
  std::string url;                      // or the address of a running one …
  std::string tokens_file;              // … with a token a line
  std::string users_file;               // … and the user ids they were made from, a line each
  int server_pid = 0;                   // … and its process, for CPU and memory; 0: not known
  std::string peer;                     // or the name of another make, to start it ourselves …
  std::string peers = "bench/peers";    // … from its folder here
  bool not_durable = false;             // … without syncing each message to disk
  std::string directory = "/tmp";       // where the server's data and scratch files go
  int server_core = 0;                  // -1: not pinned
  int client_core = 1;                  // likewise
  bool poll = false;                    // rather than sleep until something comes

  // Which question, how often.
  std::string question;
  bool all = false;
  bool quick = false;
  bool json = false;    // an object a line instead of Markdown
  int runs = 0;         // 0: 3, or 1 with --quick
  double seconds = 0;   // measuring window; 0: the question's own
  double patience = 30; // seconds beyond the expected time until waiting is a failure

  // fanout, reads, connect
  std::size_t members = 0; // 0: the question's own

  // fill, growth, history, start
  std::string store; // a directory that is kept; empty: a store that goes away with its server

  // fanout
  std::size_t window = 1;
  std::size_t body = 200;
  std::size_t messages = 0; // 0: as many as last about `seconds`

  // presence
  std::size_t watchers = 0; // of each user; 0: 50

  // 0: the question's own
  std::size_t connections = 0;
  std::size_t conversations = 0;

  // sends
  double rate = 0; // sends per second over all connections; 0: closed loop
  std::string arrivals = "poisson";

  bool needs_server() const { return question != "disk" && question != "log"; }
  double seconds_or(double usual) const {
    return seconds > 0 ? seconds : quick ? usual / 3 : usual;
  }
  std::size_t members_or(std::size_t usual) const { return members > 0 ? members : usual; }
  std::size_t conversations_or(std::size_t usual) const {
    return conversations > 0 ? conversations : usual;
  }
  std::size_t connections_or(std::size_t usual) const {
    return connections > 0 ? connections : usual;
  }
  /// Messages a store is to hold; a hundredth of the usual for a quick look.
  std::size_t stored_or(std::size_t usual) const {
    return messages > 0 ? messages : quick ? usual / 100 : usual;
  }
  double warm_up_seconds() const { return quick ? 0.3 : 1.0; }
  int runs_or_default() const { return runs > 0 ? runs : quick ? 1 : 3; }
};

/// Reads the command line; ends the process for --help and for mistakes.
Options read_options(int argc, char** argv, const std::vector<std::string>& questions);

} // namespace parley::bench
