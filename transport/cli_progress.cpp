// A line is looked at ten times a second at most, however often there is progress.
#include "transport/cli_progress.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <utility>

#include <nlohmann/json.hpp>
#include <unistd.h>

namespace parley {

namespace {

using namespace std::chrono_literals;

/// Over so long a time the rate is measured.
constexpr auto rate_window = 5s;
/// So often it is looked how far it is.
constexpr auto progress_look = 100ms;
/// From the beginning of a terminal's line to its end, and back to the beginning.
constexpr const char* rest_of_line = "\x1b[K\r";

std::chrono::milliseconds pause_of(command_report::manner how) {
  switch (how) {
  case command_report::manner::terminal:
    return 200ms;
  case command_report::manner::json:
    return 1s;
  case command_report::manner::log:
    break;
  }
  return 10s;
}

command_report::manner manner_for(bool is_json) {
  if (is_json)
    return command_report::manner::json;
  return ::isatty(STDERR_FILENO) == 1 ? command_report::manner::terminal
                                      : command_report::manner::log;
}

std::chrono::milliseconds milliseconds_between(instant from, instant to) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(to - from);
}

/// `45 s`, `12 min`, `3 h 20 min`.
std::string time_in_words(std::chrono::milliseconds time) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(time).count();
  if (seconds < 120)
    return std::to_string(seconds) + " s";
  const auto minutes = (seconds + 59) / 60;
  if (minutes < 120)
    return std::to_string(minutes) + " min";
  return std::to_string(minutes / 60) + " h " + std::to_string(minutes % 60) + " min";
}

nlohmann::json json_of(const std::string& command, const progress_figures& what) {
  nlohmann::json told{{"type", "progress"},
                      {"command", command},
                      {"step", what.step},
                      {"unit", what.unit},
                      {"done", what.done},
                      {"total", nullptr},
                      {"per_second", std::round(what.per_second)},
                      {"eta_ms", nullptr},
                      {"elapsed_ms", what.elapsed.count()}};
  if (what.total > 0)
    told["total"] = what.total;
  if (what.left)
    told["eta_ms"] = what.left->count();
  return told;
}

/// On one line, whatever a text has in it.
std::string line_of(const nlohmann::json& told) {
  return told.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace

progress_figures progress_meter::see(const work_progress& what, instant now) {
  begun_ = begun_.value_or(now);
  if (!samples_.empty() && (what.done < samples_.back().done || what.unit != unit_))
    samples_.clear();
  unit_ = what.unit;
  samples_.push_back({now, what.done});
  while (samples_.size() > 2 && now - samples_[1].at >= rate_window)
    samples_.pop_front();
  progress_figures told{std::string{what.step}, unit_, what.done, what.total};
  told.elapsed = milliseconds_between(*begun_, now);
  const std::chrono::duration<double> took = now - samples_.front().at;
  if (took.count() > 0)
    told.per_second = static_cast<double>(what.done - samples_.front().done) / took.count();
  if (what.total == 0)
    return told;
  const auto left = static_cast<double>(what.total - std::min(what.done, what.total));
  if (left == 0)
    told.left = 0ms;
  else if (told.per_second > 0)
    told.left = std::chrono::milliseconds{std::llround(left / told.per_second * 1000)};
  return told;
}

std::string in_words(const progress_figures& what) {
  if (what.done == 0 && what.total == 0)
    return what.step;
  std::string text = what.step + ": " + std::to_string(what.done);
  if (what.total > 0)
    text += " of " + std::to_string(what.total);
  text += " " + what.unit;
  if (what.total > 0)
    text += " (" + std::to_string(std::min(what.done, what.total) * 100 / what.total) + " %)";
  if (what.per_second > 0)
    text += ", " + std::to_string(std::llround(what.per_second)) + " a second";
  if (what.left && what.done < what.total)
    text += ", " + time_in_words(*what.left) + " left";
  return text;
}

command_report::command_report(std::string command, bool is_json, std::ostream& out)
    : command_(std::move(command)), how_(manner_for(is_json)), out_(out) {}

progress_listener command_report::listener() {
  return [this](const work_progress& what) { see(what); };
}

void command_report::see(const work_progress& what) {
  const instant now = std::chrono::steady_clock::now();
  const bool is_next = !last_ || last_->step != what.step;
  const bool is_whole = what.total > 0 && what.done >= what.total;
  if (seen_at_ && now - *seen_at_ < progress_look && !is_next && !is_whole)
    return;
  seen_at_ = now;
  last_ = meter_.see(what, now);
  is_shown_ = false;
  if (how_ == manner::log && !shown_at_)
    shown_at_ = now; // what is soon done needs no word
  if (!shown_at_ || now - *shown_at_ >= pause_of(how_)) {
    shown_at_ = now;
    show(*last_);
  }
}

void command_report::show(const progress_figures& what) {
  is_shown_ = true;
  switch (how_) {
  case manner::json:
    out_ << line_of(json_of(command_, what)) << std::endl;
    break;
  case manner::terminal:
    is_dirty_ = true;
    std::cerr << command_ << ": " << in_words(what) << rest_of_line << std::flush;
    break;
  case manner::log:
    std::cerr << command_ << ": " << in_words(what) << std::endl;
    break;
  }
}

/// A program that reads along sees how it ended.
void command_report::show_last() {
  if (how_ == manner::json && last_ && !is_shown_)
    show(*last_);
  clear();
}

void command_report::clear() {
  if (std::exchange(is_dirty_, false))
    std::cerr << rest_of_line << std::flush;
}

void command_report::problem(std::string_view what) {
  clear();
  if (how_ == manner::json)
    out_ << line_of({{"type", "problem"}, {"command", command_}, {"message", what}}) << '\n';
  else
    out_ << what << '\n';
}

int command_report::succeed(const std::string& text, nlohmann::json facts) {
  show_last();
  if (how_ != manner::json) {
    out_ << text << '\n';
  } else {
    facts["type"] = "result";
    facts["command"] = command_;
    facts["ok"] = true;
    out_ << line_of(facts) << '\n';
  }
  return out_.flush() ? 0 : 1;
}

int command_report::fail(const std::string& why, nlohmann::json facts) {
  show_last();
  if (how_ != manner::json) {
    std::cerr << "parleyd: " << why << '\n';
  } else {
    facts["type"] = "result";
    facts["command"] = command_;
    facts["ok"] = false;
    facts["message"] = why;
    out_ << line_of(facts) << '\n';
    out_.flush();
  }
  return 1;
}

int command_report::fail(const std::string& why) { return fail(why, nlohmann::json::object()); }

} // namespace parley
