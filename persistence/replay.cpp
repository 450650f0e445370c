// Reads batches, decodes them, applies them.
#include "persistence/replay.hpp"

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "persistence/record_codec.hpp"

namespace parley {

namespace {

/// Bytes of the log read at a time: some ten thousand messages.
constexpr std::size_t portion_bytes = std::size_t{8} << 20;

result<std::vector<batch_ptr>> read_batches(const log_store& log, position from) {
  auto read = log.read(from, portion_bytes);
  if (!read)
    return read.error();
  std::vector<batch_ptr> batches;
  for (const auto& each : *read) {
    if (each.at != from)
      return failure{error_code::internal,
                     "batch " + std::to_string(from.value()) + " of the log is missing",
                     {}};
    auto records = decode_batch(each.bytes);
    if (!records)
      return failure{error_code::internal,
                     "position " + std::to_string(from.value()) + ": " + records.error().message,
                     {}};
    auto batch = std::make_shared<committed_batch>();
    batch->at = each.at;
    batch->records = std::move(*records);
    batches.push_back(std::move(batch));
    from = from.next();
  }
  return batches;
}

} // namespace

result<position> replay_some(const log_store& log, model_writer& model, position until) {
  auto batches = read_batches(log, model.applied().next());
  if (!batches)
    return batches.error();
  while (!batches->empty() && batches->back()->at > until)
    batches->pop_back();
  while (!batches->empty() && model.applied() < batches->back()->at) {
    if (auto reached = model.apply(*batches); !reached)
      return reached;
  }
  return model.applied();
}

outcome replay_all(const log_store& log, model_writer& model) {
  const position head = log.head();
  while (model.applied() < head) {
    if (auto reached = replay_some(log, model); !reached)
      return reached.error();
  }
  return success();
}

} // namespace parley
