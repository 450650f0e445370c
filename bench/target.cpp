// Accounts, the running server, and the choice between it and one of our own.
#include "bench/target.hpp"

#include <limits>

#include "bench/failure.hpp"
#include "bench/peer_server.hpp"
#include "bench/started_server.hpp"

namespace parley::bench {
namespace {

constexpr std::size_t files_beside_connections = 64;

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

pid_t Target::begin_compaction() { fail("this question looks at the store: give --server"); }

double Target::stored_bytes() const { return std::numeric_limits<double>::quiet_NaN(); }

double Target::cpu_seconds() const {
  return pid_ == 0 ? std::numeric_limits<double>::quiet_NaN() : cpu_seconds_of(pid_);
}

double Target::resident_kib() const {
  return pid_ == 0 ? std::numeric_limits<double>::quiet_NaN() : resident_kib_of(pid_);
}

} // namespace parley::bench
