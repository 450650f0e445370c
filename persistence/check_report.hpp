// What a check found: problems, a limited number of them in words, and how much was looked at.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "persistence/check.hpp"
#include "persistence/schema.hpp"

namespace parley {

class check_report : public check_figures {
public:
  explicit check_report(check_listener tell) : tell_(std::move(tell)) {}

  void problem(std::string_view what) {
    if (++problems <= shown)
      say(what);
    else if (problems == shown + 1)
      say("… further problems are only counted");
  }
  void problem(model_table table, std::string_view key, std::string_view what) {
    problem(describe_row(table, key).append(" ").append(what));
  }
  void problem(const failure& why) { problem(why.message); }

  // --- How far it is ---

  /// So many rows will be looked at, about.
  void expect(std::uint64_t rows) { expected_ += rows; }
  /// The step before has seen all of its rows; this one has so many, about.
  void begin(std::string_view step, std::uint64_t rows) {
    seen_before_ += std::exchange(in_step_, rows);
    seen_ = 0;
    step_ = step;
    tell_progress();
  }
  void saw_row() {
    constexpr std::uint64_t told_every = 64;
    if (++seen_ % told_every == 0)
      tell_progress();
  }
  void finish() { begin("done", 0); }

private:
  void say(std::string_view what) const {
    if (tell_.problem)
      tell_.problem(what);
  }
  void tell_progress() const {
    if (tell_.progress)
      tell_.progress({step_, seen_before_ + std::min(seen_, in_step_),
                      std::max(expected_, seen_before_ + in_step_)});
  }

  static constexpr std::size_t shown = 100;
  check_listener tell_;
  std::string_view step_;
  std::uint64_t expected_ = 0;
  std::uint64_t seen_before_ = 0; ///< In the steps before this one.
  std::uint64_t in_step_ = 0;     ///< What this one has.
  std::uint64_t seen_ = 0;
};

} // namespace parley
