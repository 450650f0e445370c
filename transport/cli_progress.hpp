// What a long command says: how far it is, and in the end what became of it; for people or, with
// `--json`, for programs.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <ostream>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "actors/time.hpp"
#include "persistence/progress.hpp"

namespace parley {

/// Progress, and what follows from it.
struct progress_figures {
  std::string step;
  std::string unit;
  std::uint64_t done = 0;
  std::uint64_t total = 0; ///< 0: unknown.
  double per_second = 0;
  std::optional<std::chrono::milliseconds> left = {}; ///< Nothing while nobody can tell.
  std::chrono::milliseconds elapsed{0};
};

/// Measures how fast it has gone for the last seconds. Time is an argument.
class progress_meter {
public:
  progress_figures see(const work_progress& what, instant now);

private:
  struct sample {
    instant at;
    std::uint64_t done = 0;
  };
  std::deque<sample> samples_; ///< In the order of time.
  std::string unit_;
  std::optional<instant> begun_;
};

/// As a person reads it: `events: 1200 of 5000 rows (24 %), 310 a second, 12 s left`.
std::string in_words(const progress_figures& what);

/// One long command. On a terminal one line is written over and over; elsewhere there is a line now
/// and then; with `--json` one object a line, each second.
class command_report {
public:
  enum class manner : std::uint8_t { terminal, log, json };

  /// Progress goes to standard error, and JSON to `out`, as does how it ends.
  command_report(std::string command, bool is_json, std::ostream& out);
  ~command_report() { clear(); }
  command_report(const command_report&) = delete;
  command_report& operator=(const command_report&) = delete;

  progress_listener listener();
  /// A problem that was found meanwhile.
  void problem(std::string_view what);
  /// It is done: `text` for people, `facts`, an object, for programs. Returns the exit status.
  int succeed(const std::string& text, nlohmann::json facts);
  int fail(const std::string& why, nlohmann::json facts);
  int fail(const std::string& why);

private:
  void see(const work_progress& what);
  void show(const progress_figures& what);
  void show_last();
  void clear();

  std::string command_;
  manner how_;
  std::ostream& out_;
  progress_meter meter_;
  std::optional<progress_figures> last_;
  std::optional<instant> seen_at_;
  std::optional<instant> shown_at_;
  bool is_shown_ = false; ///< As it is in `last_`.
  bool is_dirty_ = false; ///< The terminal's line is ours.
};

} // namespace parley
