// Asks through the data directory's socket, a new connection for each question.
#include "transport/cli_erase.hpp"

#include <chrono>
#include <iostream>
#include <string>
#include <thread>
#include <utility>

#include <nlohmann/json.hpp>

#include "transport/main_control.hpp"

namespace parley {

namespace {

using namespace std::chrono_literals;

/// How often is asked whether it is done.
constexpr auto look_again = 200ms;

result<std::string> ask_server(const std::string& data, const std::string& command) {
  auto line = connect_control(data);
  if (!line)
    return failure{error_code::unavailable, "no server is at work on " + data, {}};
  const auto told = (*line)->write(command) ? (*line)->read() : std::nullopt;
  if (!told)
    return failure{error_code::unavailable, "the server has ended the conversation", {}};
  if (told->starts_with("done "))
    return told->substr(5);
  return failure{error_code::internal, told->substr(std::min<std::size_t>(7, told->size())), {}};
}

result<std::string> receipt_of(const erase_options& what) {
  if (!what.receipt.empty())
    return ask_server(what.data, "erasure " + what.receipt);
  auto receipt = ask_server(what.data, "erase " + what.policy + " " + what.user);
  for (bool is_told = false; receipt;) {
    const auto read = nlohmann::json::parse(*receipt, nullptr, false);
    if (!read.is_object() || read.value("status", "") == "done")
      break;
    if (read.value("held", 0) > 0 && !std::exchange(is_told, true))
      std::cerr << "parleyd: waits for the end of legal holds: " << *receipt << std::endl;
    std::this_thread::sleep_for(look_again);
    receipt = ask_server(what.data, "erasure " + read.value("erasure", ""));
  }
  return receipt;
}

} // namespace

int erase_through(const erase_options& what) {
  const auto done = receipt_of(what);
  if (!done) {
    std::cerr << "parleyd: not erased: " << done.error().message << '\n';
    return 1;
  }
  std::cout << *done << '\n';
  return std::cout.flush() ? 0 : 1;
}

} // namespace parley
