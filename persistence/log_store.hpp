// The narrow port under every promise: append a batch, durable when it answers.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "actors/errors.hpp"
#include "actors/ids.hpp"

namespace parley {

/// A batch read back from the log.
struct logged_batch {
  position at;
  std::string bytes;
};

/// A log of batches with contiguous positions. `append` is called by one thread at a time; the
/// other functions may be called beside it from any thread.
class log_store {
public:
  virtual ~log_store() = default;

  /// Writes a batch; it is on disk when this returns its position, the head's next. `unavailable`:
  /// nothing was written and a later call may work. `internal`: it is not known what was written,
  /// and every later append is refused.
  virtual result<position> append(std::string_view batch) = 0;

  /// The newest position; 0 for a log that never had a batch.
  virtual position head() const = 0;
  /// The oldest position that can still be read; 0 for an empty log.
  virtual position floor() const = 0;

  /// Batches from `from` on in rising order: as many as are there, but no more than `most_bytes` of
  /// them (at least one). Fewer positions than asked for at the front means they were trimmed.
  virtual result<std::vector<logged_batch>> read(position from, std::size_t most_bytes) const = 0;

  /// Batches up to `applied` are in the read model for certain. The log drops them when it next
  /// writes, except limits::log_kept_batches and always the newest one.
  virtual void trim(position applied) = 0;
};

} // namespace parley
