// A thread belongs to one engine at a time, so what runs on it need not be told whose it is.
#include "actors/log.hpp"

namespace parley {

namespace {

thread_local const engine_log* log_of_thread = nullptr;

} // namespace

// A sink that fails takes nothing else with it.
void engine_log::tell(log_level level, std::string_view line) const {
  try {
    to_(level, line);
  } catch (...) { // NOLINT(bugprone-empty-catch)
  }
}

log_ptr make_log(log_sink to) { return std::make_shared<const engine_log>(std::move(to)); }

log_ptr silent_log() {
  static const log_ptr silent = make_log({});
  return silent;
}

const engine_log& thread_log() {
  static const log_ptr silent = silent_log();
  return log_of_thread == nullptr ? *silent : *log_of_thread;
}

log_scope::log_scope(log_ptr to)
    : own_(std::move(to)), before_(std::exchange(log_of_thread, own_.get())) {}

log_scope::~log_scope() { log_of_thread = before_; }

} // namespace parley
