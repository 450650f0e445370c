// Starting parleyd, reading where it listens, having it make tokens, ending it.
#include "bench/started_server.hpp"

#include <csignal>
#include <filesystem>
#include <iostream>
#include <utility>

#include <unistd.h>

#include "bench/failure.hpp"
#include "bench/interrupt.hpp"
#include "bench/process.hpp"

namespace parley::bench {
namespace {

constexpr double patience_for_stop = 30; // seconds from SIGTERM to the end of the process
constexpr double slowest_check_bytes_per_second = 10e6;

std::string make_directory(const std::string& parent) {
  std::string path = parent + "/parley-load-XXXXXX";
  if (mkdtemp(path.data()) == nullptr)
    fail_errno("cannot make a directory in ", parent);
  return path;
}

std::string data_directory(const std::string& kept, const std::string& directory) {
  std::string path = (kept.empty() ? directory : kept) + "/data";
  std::filesystem::create_directories(path);
  return path;
}

} // namespace

StartedServer::StartedServer(const Options& options, std::size_t users)
    : options_(options), directory_(make_directory(options.directory)),
      data_(data_directory(options.store, directory_)) {
  try {
    start();
    make_accounts(users);
  } catch (...) {
    kill_and_clean();
    throw;
  }
}

StartedServer::~StartedServer() {
  const std::string words = pid_ != 0 ? last_words() : ""; // a failure: they may say why
  if (!words.empty())
    std::cerr << "the server's standard error ends with:" << words << '\n';
  kill_and_clean();
}

void StartedServer::start() {
  std::vector<std::string> command = {options_.server, "--listen",     "127.0.0.1:0", "--data",
                                      data_,           "--rate-limit", "off"};
  command.insert(command.end(), options_.server_args.begin(), options_.server_args.end());
  pid_ = start_process(command, directory_ + "/out", directory_ + "/err", options_.server_core);
  endpoint_ = parse_endpoint(address_when_ready(options_.patience));
}

std::string StartedServer::address_when_ready(double patience_seconds) {
  constexpr std::string_view ready = "ready on ";
  const Deadline deadline = Deadline::in(patience_seconds);
  while (!deadline.passed()) {
    fail_if_interrupted();
    const std::string output = read_file(directory_ + "/out");
    const auto at = output.find(ready);
    const auto end = output.find('\n', at);
    if (at != std::string::npos && end != std::string::npos)
      return output.substr(at + ready.size(), end - at - ready.size());
    if (const auto status = ended(pid_)) {
      pid_ = 0;
      fail("the server ended with ", describe_end(*status), " before it was ready", last_words());
    }
    usleep(2'000);
  }
  fail("the server did not say `ready on` within ", patience_seconds, " s", last_words());
}

void StartedServer::make_accounts(std::size_t users) {
  const std::string ids = directory_ + "/users";
  const std::string tokens = directory_ + "/tokens";
  write_user_ids(ids, users);
  run_to_end({options_.server, "token", "--data", data_, "--users", ids}, tokens,
             options_.patience);
  accounts_ = read_accounts(ids, tokens, users);
}

/// Runs one of the server's own tools, which must end with 0.
void StartedServer::run_to_end(const std::vector<std::string>& command, const std::string& output,
                               double patience_seconds) const {
  const std::string errors = directory_ + "/tool-err";
  const pid_t pid = start_process(command, output, errors, -1);
  const auto status = wait_for_end(pid, Deadline::in(patience_seconds));
  if (!status) {
    kill(pid, SIGKILL);
    fail("`", command[0], ' ', command[1], "` did not end within ", patience_seconds, " s");
  }
  if (*status != 0)
    fail("`", command[0], ' ', command[1], "` ended with ", describe_end(*status), ": ",
         read_file(errors), read_file(output));
}

void StartedServer::stop() {
  end();
  kill_and_clean();
}

double StartedServer::restart(bool forget_data) {
  end();
  if (forget_data)
    forget_stored();
  const auto since = now_ns();
  start();
  return static_cast<double>(now_ns() - since) / 1e9;
}

double StartedServer::check(bool forget_data) {
  end();
  if (forget_data)
    forget_stored();
  return run_without("check");
}

double StartedServer::reindex() {
  end();
  return run_without("reindex");
}

pid_t StartedServer::begin_compaction() {
  const std::string files = directory_ + "/compact";
  return start_process({options_.server, "compact", "--data", data_}, files + ".out",
                       files + ".err", options_.server_core);
}

double StartedServer::run_without(const char* subcommand) {
  const auto since = now_ns();
  run_to_end({options_.server, subcommand, "--data", data_}, directory_ + "/" + subcommand,
             options_.patience + stored_bytes() / slowest_check_bytes_per_second);
  const auto taken_ns = now_ns() - since;
  start();
  return static_cast<double>(taken_ns) / 1e9;
}

void StartedServer::forget_stored() const {
  for (const auto& each : std::filesystem::recursive_directory_iterator(data_))
    if (each.is_regular_file())
      forget_cached(each.path());
}

double StartedServer::stored_bytes() const {
  double bytes = 0;
  for (const auto& each : std::filesystem::recursive_directory_iterator(data_))
    if (each.is_regular_file())
      bytes += static_cast<double>(each.file_size());
  return bytes;
}

void StartedServer::end() {
  kill(pid_, SIGTERM);
  const auto status = wait_for_end(pid_, Deadline::in(patience_for_stop));
  if (!status)
    fail("the server did not end within ", patience_for_stop, " s of SIGTERM", last_words());
  pid_ = 0;
  if (*status != 0)
    fail("the server ended with ", describe_end(*status), " after SIGTERM", last_words());
}

/// The end of what the server wrote to standard error, for a failure's text.
std::string StartedServer::last_words() const {
  const std::string text = read_file(directory_ + "/err");
  return text.empty() ? ""
                      : "\n" + text.substr(text.size() - std::min<std::size_t>(text.size(), 2000));
}

void StartedServer::kill_and_clean() {
  if (pid_ != 0) {
    kill(pid_, SIGKILL);
    wait_for_end(std::exchange(pid_, 0), Deadline::in(patience_for_stop));
  }
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

} // namespace parley::bench
