// Accounts, the running server, and the choice between it and one of our own.
#include "bench/target.hpp"

#include <chrono>
#include <limits>
#include <thread>

#include "bench/clock.hpp"
#include "bench/failure.hpp"
#include "bench/interrupt.hpp"
#include "bench/peer_server.hpp"
#include "bench/started_server.hpp"

namespace parley::bench {
namespace {

constexpr std::size_t files_beside_connections = 64;
constexpr double busy_share = 0.02; // of a core, in a second; pings and beats take less
constexpr int quiet_seconds = 3;
constexpr double longest_rest_seconds = 3600; // as long as filling ten million messages may take

class RunningServer : public Target {
public:
  RunningServer(const Options& options, std::size_t users) {
    endpoint_ = parse_endpoint(options.url);
    pid_ = options.server_pid;
    accounts_ = read_accounts(options.users_file, options.tokens_file, users);
  }
};

} // namespace

std::unique_ptr<Target> Target::prepare(const Options& options, std::size_t users) {
  allow_open_files(users + files_beside_connections);
  if (!options.peer.empty())
    return std::make_unique<PeerServer>(options, users);
  if (options.server.empty())
    return std::make_unique<RunningServer>(options, users);
  return std::make_unique<StartedServer>(options, users);
}

double Target::restart(bool) { fail("this question starts the server anew: give --server"); }

double Target::check(bool) { fail("this question looks at the store: give --server"); }

double Target::reindex() { fail("this question looks at the store: give --server"); }

void Target::settle() const {
  const Deadline end = Deadline::in(longest_rest_seconds);
  for (int quiet = 0; pid_ != 0 && quiet < quiet_seconds;) {
    if (end.passed())
      fail("the server does not come to rest");
    fail_if_interrupted();
    const double before = cpu_seconds();
    std::this_thread::sleep_for(std::chrono::seconds{1});
    quiet = cpu_seconds() - before < busy_share ? quiet + 1 : 0;
  }
}

pid_t Target::begin_compaction() { fail("this question looks at the store: give --server"); }

double Target::stored_bytes() const { return std::numeric_limits<double>::quiet_NaN(); }

double Target::cpu_seconds() const {
  return pid_ == 0 ? std::numeric_limits<double>::quiet_NaN() : cpu_seconds_of(pid_);
}

double Target::resident_kib() const {
  return pid_ == 0 ? std::numeric_limits<double>::quiet_NaN() : resident_kib_of(pid_);
}

} // namespace parley::bench
