// A server of another make, started with a fresh directory that goes away with it.
#pragma once

#include "bench/target.hpp"

namespace parley::bench {

class PeerServer : public Target {
public:
  PeerServer(const Options& options, std::size_t users);
  ~PeerServer() override;
  void stop() override;

  const Dialect& dialect() const override;
  /// Of the process that was started and of all that descend from it.
  double cpu_seconds() const override;
  double resident_kib() const override;
  double stored_bytes() const override;

private:
  void start();
  void wait_until_it_listens();
  std::string last_words() const;
  void kill_and_clean();

  Options options_;
  std::string directory_;
};

/// What the peer says of itself: version, store, and whether a message is on disk when it is
/// acknowledged.
std::string describe_peer(const Options& options);

} // namespace parley::bench
