// Levels of one kind are those of the other.
#include "transport/main_log.hpp"

#include <cstdlib>

#include <spdlog/spdlog.h>
#include <unistd.h>

#include "actors/log_line.hpp"

namespace parley {

namespace {

/// The exit status of a process that may not acknowledge anything any more.
constexpr int failed_status = 2;

spdlog::level::level_enum level_in_spdlog(log_level level) {
  switch (level) {
  case log_level::debug:
    return spdlog::level::debug;
  case log_level::info:
    return spdlog::level::info;
  case log_level::warning:
    return spdlog::level::warn;
  case log_level::error:
    return spdlog::level::err;
  case log_level::critical:
    break;
  }
  return spdlog::level::critical;
}

} // namespace

log_sink to_default_logger() {
  return [](log_level level, std::string_view line) {
    spdlog::default_logger_raw()->log(level_in_spdlog(level),
                                      spdlog::string_view_t{line.data(), line.size()});
  };
}

void end_failed_process(const std::string& why) {
  spdlog::critical("process_failed reason={}", in_quotes(why));
  spdlog::default_logger()->flush();
  std::_Exit(failed_status);
}

// Nothing here may ask for memory.
void end_without_memory() {
  constexpr std::string_view line =
      "out_of_memory: the process ends; nothing acknowledged is lost\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
  std::_Exit(failed_status);
}

} // namespace parley
