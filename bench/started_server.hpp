// A server of our own, in a fresh data directory that goes away with it.
#pragma once

#include "bench/target.hpp"

namespace parley::bench {

class StartedServer : public Target {
public:
  StartedServer(const Options& options, std::size_t users);
  ~StartedServer() override;
  void stop() override;
  double restart(bool forget_data) override;
  double stored_bytes() const override;
  double check(bool forget_data) override;
  double reindex() override;
  pid_t begin_compaction() override;

private:
  /// Has the stopped server's data looked at, and starts it again; returns the seconds that took.
  double run_without(const char* subcommand);
  void start();
  void end();
  void make_accounts(std::size_t users);
  void run_to_end(const std::vector<std::string>& command, const std::string& output,
                  double patience_seconds) const;
  void forget_stored() const;
  std::string address_when_ready(double patience_seconds);
  std::string last_words() const;
  void kill_and_clean();

  Options options_;
  std::string directory_; // goes away
  std::string data_;      // in it, or kept in --store
};

} // namespace parley::bench
