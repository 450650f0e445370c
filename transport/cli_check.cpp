// Reads the whole store, beside a running server or without one, and changes nothing.
#include "transport/cli_check.hpp"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <sstream>

#include <nlohmann/json.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include "persistence/check.hpp"
#include "transport/cli_progress.hpp"

namespace parley {

namespace {

int check_and_tell(const check_options& what) {
  command_report told{"check", what.json, std::cout};
  check_listener listener;
  listener.problem = [&](std::string_view problem) { told.problem(problem); };
  listener.progress = told.listener();
  const auto figures = check(what.data, listener);
  nlohmann::json facts{
      {"problems", figures.problems},       {"conversations", figures.conversations},
      {"events", figures.events},           {"keys", figures.keys},
      {"memberships", figures.memberships}, {"receipts", figures.receipts},
      {"batches", figures.batches},         {"applied", figures.applied.value()}};
  if (figures.problems > 0 && what.json)
    return told.fail("the store is not whole", std::move(facts));
  std::ostringstream summary;
  print_summary(figures, summary);
  std::string text = summary.str();
  text.pop_back(); // the end of the line comes with it
  const int printed = told.succeed(text, std::move(facts));
  return figures.problems > 0 ? 1 : printed;
}

/// LMDB believes what its pages say of themselves: damage there may end whoever reads them. So that
/// this is said too, a child does the reading.
int check_in_child(const check_options& what) {
  const pid_t child = ::fork();
  if (child == 0) {
    const int status = check_and_tell(what);
    std::cout.flush();
    std::_Exit(status);
  }
  int status = 0;
  while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (child > 0 && WIFEXITED(status))
    return WEXITSTATUS(status) == 0 ? 0 : 1;
  const std::string why = "the pages of the store are damaged: reading them ended with signal " +
                          std::to_string(child > 0 ? WTERMSIG(status) : 0);
  command_report told{"check", what.json, std::cout};
  told.problem(what.json ? why : "problem: " + why);
  return what.json ? told.fail(why) : 1;
}

} // namespace

int check_store(const check_options& what) {
  std::error_code ec;
  if (!std::filesystem::is_directory(what.data, ec))
    return command_report{"check", what.json, std::cout}.fail(what.data + " is not a directory");
  return check_in_child(what);
}

} // namespace parley
