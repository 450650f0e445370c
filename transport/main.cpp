// parleyd: reads the command line, runs what it asks for, and turns the outcome into an exit
// status.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <new>

#include <fcntl.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actors/log.hpp"
#include "actors/log_line.hpp"
#include "transport/cli.hpp"
#include "transport/cli_backup.hpp"
#include "transport/cli_check.hpp"
#include "transport/cli_compact.hpp"
#include "transport/cli_config.hpp"
#include "transport/cli_ctl.hpp"
#include "transport/cli_erase.hpp"
#include "transport/cli_export.hpp"
#include "transport/cli_import.hpp"
#include "transport/cli_reindex.hpp"
#include "transport/cli_token.hpp"
#include "transport/cli_webhooks.hpp"
#include "transport/log_format.hpp"
#include "transport/main_log.hpp"
#include "transport/main_server.hpp"
#include "transport/main_service.hpp"
#include "transport/main_signals.hpp"
#include "transport/main_version.hpp"

/// Read by jemalloc when it starts: a thread of its own gives back what has been free for seconds,
/// also in a process that has nothing to do.
extern "C" {
const char* malloc_conf = "background_thread:true";
}

namespace {

using namespace std::chrono_literals;

/// From the first signal to the end, whatever hangs.
constexpr auto end_deadline = 4500ms;

/// Bytes. With less the allocator faults, or a thread waits for ever for one that could not begin.
constexpr rlim_t least_address_space = rlim_t{512} << 20;

void start_logging(const parley::serve_options& options) {
  auto log = spdlog::stderr_logger_mt("parleyd");
  log->set_formatter(options.log_json ? parley::json_lines() : parley::text_lines());
  log->set_level(spdlog::level::from_str(options.log_level));
  log->flush_on(spdlog::level::warn);
  spdlog::set_default_logger(std::move(log));
}

/// Each socket is a descriptor: take all that the system allows.
rlim_t raise_descriptor_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

/// What was read again, or why what was in use stays.
void tell_reloaded(const char* what, const parley::outcome& reloaded) {
  if (!reloaded)
    spdlog::error("{}_reload_failed reason={}", what, parley::in_quotes(reloaded.error().message));
  else
    spdlog::info("{}_reloaded", what);
}

void reload(parley::running_server& server) {
  if (server.has_tls())
    tell_reloaded("tls", server.reload_tls());
  if (server.has_webhooks())
    tell_reloaded("webhooks", server.reload_webhooks());
}

/// Serves until the signal that ends it, which is returned. A watchdog hears of it for as long as
/// the I/O threads go on.
int serve(parley::running_server& server, parley::hang_up on_hang_up) {
  const auto interval = parley::watchdog_interval();
  const auto patience = std::chrono::duration_cast<std::chrono::milliseconds>(
      interval.value_or(std::chrono::hours{1}) / 2);
  for (auto begun = std::chrono::steady_clock::now();;) {
    const auto left = begun + patience - std::chrono::steady_clock::now();
    const auto signal = parley::wait_for_signal(
        on_hang_up, std::max(std::chrono::ceil<std::chrono::milliseconds>(left), 0ms));
    if (signal && *signal != SIGHUP)
      return *signal;
    if (signal) {
      reload(server);
      continue;
    }
    if (interval && server.is_alive_since(begun))
      parley::notify_systemd("WATCHDOG=1");
    begun = std::chrono::steady_clock::now();
  }
}

parley::result<std::unique_ptr<parley::running_server>>
start(const parley::serve_options& options) {
  const auto listening = parley::inherited_socket();
  if (!listening)
    return listening.error();
  if (*listening && options.dev) // others may reach it
    return parley::failure{parley::error_code::bad_request, "--dev takes no socket over", {}};
  return parley::running_server::start(options, {.log = parley::to_default_logger(),
                                                 .on_failure = &parley::end_failed_process,
                                                 .listening = *listening});
}

int run(const parley::serve_options& options) {
  const bool secure = !options.tls.cert.empty();
  // A service manager has no terminal that could hang up: from it SIGHUP means to read again.
  const bool reloads =
      secure || !options.webhooks.empty() || std::getenv("NOTIFY_SOCKET") != nullptr;
  const auto on_hang_up = reloads ? parley::hang_up::reloads : parley::hang_up::ends;
  parley::hold_signals(on_hang_up);
  start_logging(options);
  const auto descriptors = raise_descriptor_limit();
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  for (const auto& each : parley::warnings_of_start(options, now))
    spdlog::warn("configuration_warning what={}", parley::in_quotes(each));
  auto server = start(options);
  if (!server) {
    spdlog::critical("start_failed reason={}", parley::in_quotes(server.error().message));
    return 1;
  }
  std::set_new_handler(&parley::end_without_memory);
  spdlog::info("started version={} listen={} data={} io_threads={} workers={} descriptors={} "
               "rate_limit={} address_limit={} dev={} tls={} webhooks={}",
               parley::version, (*server)->where(), parley::in_quotes(options.data),
               options.io_threads, options.workers, descriptors, options.rate_limit,
               options.address_limit, options.dev, secure, !options.webhooks.empty());
  std::cout << (secure ? "ready on https://" : "ready on http://") << (*server)->where()
            << std::endl;
  parley::notify_systemd("READY=1");
  const int signal = serve(**server, on_hang_up);
  spdlog::info("stopping signal={}", signal);
  parley::notify_systemd("STOPPING=1");
  parley::end_at_the_latest_in(end_deadline);
  const bool orderly = (*server)->drain();
  server->reset();
  spdlog::info("stopped orderly={}", orderly);
  return 0;
}

struct runner {
  int operator()(const parley::serve_options& what) const { return run(what); }
  int operator()(const parley::token_options& what) const { return parley::print_tokens(what); }
  int operator()(const parley::check_options& what) const { return parley::check_store(what); }
  int operator()(const parley::backup_options& what) const { return parley::back_up_store(what); }
  int operator()(const parley::reindex_options& what) const { return parley::reindex_store(what); }
  int operator()(const parley::compact_options& what) const { return parley::compact_store(what); }
  int operator()(const parley::webhooks_options& what) const { return parley::show_webhooks(what); }
  int operator()(const parley::export_options& what) const { return parley::export_from(what); }
  int operator()(const parley::erase_options& what) const { return parley::erase_through(what); }
  int operator()(const parley::config_options& what) const { return parley::check_config(what); }
  int operator()(const parley::import_options& what) const { return parley::import_into(what); }
  int operator()(const parley::ctl_options& what) const { return parley::ask_server_at_work(what); }
  int operator()(const parley::end_options& what) const { return what.status; }
};

/// A descriptor below 3 that nobody opened would be the next file's: the log of errors would go
/// into the store.
void occupy_standard_descriptors() {
  int made = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  while (made >= 0 && made <= STDERR_FILENO)
    made = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (made >= 0)
    ::close(made);
}

/// What is in memory is nobody's to read: neither files made here nor a core.
void keep_to_ourselves() {
  ::umask(S_IRWXG | S_IRWXO);
  const rlimit none{};
  ::setrlimit(RLIMIT_CORE, &none);
}

bool has_address_space() {
  rlimit limit{};
  return ::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur >= least_address_space;
}

} // namespace

// What the system refuses before there is anybody to tell, threads above all, is thrown.
int main(int argc, char** argv) {
  if (!has_address_space()) { // nor is there any for a stream
    std::fputs("parleyd: `ulimit -v` leaves less than the 512 MiB of address space that it takes\n",
               stderr);
    return 1;
  }
  occupy_standard_descriptors();
  keep_to_ourselves();
  std::signal(SIGXFSZ, SIG_IGN); // a file that may not grow is a failed write
  try {
    const parley::log_scope to_log{parley::make_log(parley::to_default_logger())};
    return std::visit(runner{}, parley::parse_command_line(argc, argv, parley::version));
  } catch (const std::exception& why) {
    std::cerr << "parleyd: " << why.what() << '\n';
    return 1;
  }
}
