// The server a question is put to: one we start and stop, or one that runs already.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

#include "bench/accounts.hpp"
#include "bench/dialect.hpp"
#include "bench/endpoint.hpp"
#include "bench/options.hpp"
#include "bench/process.hpp"

namespace parley::bench {

class Target {
public:
  /// Ready to take connections, with accounts for `users` different users.
  static std::unique_ptr<Target> prepare(const Options& options, std::size_t users);
  virtual ~Target() = default;

  const Endpoint& endpoint() const { return endpoint_; }
  const std::vector<Account>& accounts() const { return accounts_; }

  /// What the server speaks.
  virtual const Dialect& dialect() const { return parley_dialect(); }

  /// CPU seconds so far and resident KiB of the server; NaN when its process is not known.
  virtual double cpu_seconds() const;
  virtual double resident_kib() const;
  /// What its memory consists of.
  Memory memory() const { return memory_of(pid_); }

  /// Ends a server that we started: SIGTERM, and it must exit with 0. Otherwise does nothing.
  virtual void stop() {}
  /// Ends it likewise and starts it again on the same data, which the kernel may have to read from
  /// disk again; returns the seconds until it was ready. Not for a server that ran already.
  virtual double restart(bool forget_data);
  /// Ends it, has `parleyd check` look at its data, and starts it again; returns the seconds that
  /// the look took. It must find nothing wrong.
  virtual double check(bool forget_data);
  /// Ends it and has `parleyd reindex` make its search index anew; returns the seconds that took.
  virtual double reindex();
  /// Waits until the server has nothing left to do by itself: what it was given is in its model and
  /// its index. Nothing to wait for where its process is not known.
  void settle() const;
  /// Starts `parleyd compact` beside it; returns that process.
  virtual pid_t begin_compaction();
  /// Bytes that its data directory takes on disk; NaN when that is not known.
  virtual double stored_bytes() const;

protected:
  Endpoint endpoint_{};
  std::vector<Account> accounts_;
  pid_t pid_ = 0; // 0: not known
};

} // namespace parley::bench
