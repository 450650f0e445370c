// Runs bench/peers/NAME/start: it is told a directory and a port, and becomes the server.
#include "bench/peer_server.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

#include "bench/failure.hpp"
#include "bench/interrupt.hpp"
#include "bench/process_tree.hpp"

namespace parley::bench {
namespace {

constexpr double patience_for_start = 60; // ejabberd takes some seconds on a busy core
constexpr double patience_for_stop = 30;  // seconds from SIGTERM to the end of the process

std::string make_directory(const std::string& parent) {
  std::string path = parent + "/parley-peer-XXXXXX";
  if (mkdtemp(path.data()) == nullptr)
    fail_errno("cannot make a directory in ", parent);
  std::filesystem::create_directory(path + "/data");
  return path;
}

/// A port that was free a moment ago.
int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  if (socket < 0 || bind(socket, plain, size) != 0 || getsockname(socket, plain, &size) != 0)
    fail_errno("cannot find a free port");
  close(socket);
  return ntohs(address.sin_port);
}

bool accepts_connections(const Endpoint& endpoint) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto* address = reinterpret_cast<const sockaddr*>(&endpoint.address);
  const bool accepted = connect(socket, address, sizeof endpoint.address) == 0;
  close(socket);
  return accepted;
}

const char* durability(const Options& options) { return options.not_durable ? "no" : "yes"; }

std::string start_script(const Options& options) {
  return options.peers + "/" + options.peer + "/start";
}

} // namespace

PeerServer::PeerServer(const Options& options, std::size_t users)
    : options_(options), directory_(make_directory(options.directory)) {
  try {
    write_user_ids(directory_ + "/users", users);
    accounts_ = read_accounts(directory_ + "/users", directory_ + "/users", users);
    start();
  } catch (...) {
    kill_and_clean();
    throw;
  }
}

PeerServer::~PeerServer() {
  const std::string words = pid_ != 0 ? last_words() : ""; // a failure: they may say why
  if (!words.empty())
    std::cerr << "the peer's output ends with:" << words << '\n';
  kill_and_clean();
}

void PeerServer::start() {
  const int port = free_port();
  endpoint_ =
      parse_endpoint("ws://127.0.0.1:" + std::to_string(port) + std::string(dialect().path()));
  endpoint_.path = dialect().path();
  pid_ = start_process(
      {start_script(options_), directory_ + "/data", std::to_string(port), durability(options_)},
      directory_ + "/out", directory_ + "/err", options_.server_core);
  wait_until_it_listens();
}

void PeerServer::wait_until_it_listens() {
  const Deadline deadline = Deadline::in(patience_for_start);
  while (!accepts_connections(endpoint_)) {
    fail_if_interrupted();
    if (const auto status = ended(pid_)) {
      pid_ = 0;
      fail("the peer ended with ", describe_end(*status), " before it listened", last_words());
    }
    if (deadline.passed())
      fail("the peer did not listen within ", patience_for_start, " s");
    usleep(10'000);
  }
}

const Dialect& PeerServer::dialect() const {
  if (options_.peer == "nats")
    return nats_dialect();
  return options_.peer == "ejabberd" ? xmpp_dialect() : socketio_dialect();
}

double PeerServer::cpu_seconds() const {
  double seconds = 0;
  for (const pid_t each : processes_under(pid_))
    seconds += cpu_seconds_of(each);
  return seconds;
}

double PeerServer::resident_kib() const {
  double kib = 0;
  for (const pid_t each : processes_under(pid_))
    kib += resident_kib_of(each);
  return kib;
}

double PeerServer::stored_bytes() const { return bytes_under(directory_ + "/data"); }

/// Any end will do, since it comes after all has been counted; how it ends is the peer's way.
void PeerServer::stop() {
  kill(pid_, SIGTERM);
  if (!wait_for_end(pid_, Deadline::in(patience_for_stop)))
    fail("the peer did not end within ", patience_for_stop, " s of SIGTERM");
  pid_ = 0;
  kill_and_clean();
}

std::string PeerServer::last_words() const {
  const std::string text = read_file(directory_ + "/out") + read_file(directory_ + "/err");
  return text.empty() ? ""
                      : "\n" + text.substr(text.size() - std::min<std::size_t>(text.size(), 2000));
}

void PeerServer::kill_and_clean() {
  if (pid_ != 0) {
    for (const pid_t each : processes_under(pid_))
      kill(each, SIGKILL);
    wait_for_end(std::exchange(pid_, 0), Deadline::in(patience_for_stop));
  }
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string describe_peer(const Options& options) {
  const std::string directory = make_directory(options.directory);
  const pid_t pid = start_process({start_script(options), "--describe", durability(options)},
                                  directory + "/out", directory + "/err", -1);
  const auto status = wait_for_end(pid, Deadline::in(patience_for_start));
  if (!status)
    kill(pid, SIGKILL);
  std::string words = read_file(directory + "/out");
  const std::string error = read_file(directory + "/err");
  std::filesystem::remove_all(directory);
  if (!status || *status != 0 || words.empty())
    fail("the peer ", options.peer, " cannot be used (bench/peers/setup installs it): ", words,
         error);
  return words.substr(0, words.find('\n'));
}

} // namespace parley::bench
