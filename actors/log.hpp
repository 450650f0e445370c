// Writes log lines to an engine's sink.
#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "actors/log_sink.hpp"

namespace parley {

/// Safe from any thread.
class engine_log {
public:
  explicit engine_log(log_sink to) : to_(std::move(to)) {}

  template <class... Values>
  void info(fmt::format_string<Values...> form, Values&&... values) const {
    if (to_)
      tell(log_level::info, fmt::format(form, std::forward<Values>(values)...));
  }
  template <class... Values>
  void warn(fmt::format_string<Values...> form, Values&&... values) const {
    if (to_)
      tell(log_level::warning, fmt::format(form, std::forward<Values>(values)...));
  }
  template <class... Values>
  void error(fmt::format_string<Values...> form, Values&&... values) const {
    if (to_)
      tell(log_level::error, fmt::format(form, std::forward<Values>(values)...));
  }
  template <class... Values>
  void critical(fmt::format_string<Values...> form, Values&&... values) const {
    if (to_)
      tell(log_level::critical, fmt::format(form, std::forward<Values>(values)...));
  }

private:
  void tell(log_level level, std::string_view line) const;

  log_sink to_;
};

/// The log of whom the calling thread works for: an engine's, on the threads of its lanes; else
/// nobody's.
const engine_log& thread_log();

/// For as long as there is one, this is its thread's log.
class log_scope {
public:
  explicit log_scope(log_ptr to);
  ~log_scope();
  log_scope(const log_scope&) = delete;
  log_scope& operator=(const log_scope&) = delete;

private:
  log_ptr own_;
  const engine_log* before_;
};

} // namespace parley
