// The same steps as the dispatcher's, in a connection of its own.
#include "persistence/webhooks/compact_outbox.hpp"

#include <system_error>

#include "persistence/webhooks/outbox_names.hpp"

namespace parley {

outcome compact_outbox_of(store& data) {
  std::error_code code;
  if (!std::filesystem::exists(outbox_file(data.directory()), code))
    return success();
  auto outbox = webhook_outbox::open(data.directory(), data.epoch(), data.log()->head());
  if (!outbox)
    return outbox.error();
  outbox_names names{**outbox, *data.model()};
  auto forgotten = (*outbox)->in_transaction([&]() -> outcome {
    auto done = names.forget({}, data.model()->applied());
    return done ? success() : outcome{done.error()};
  });
  if (!forgotten)
    return forgotten;
  auto emptied = (*outbox)->empty_journal();
  if (!emptied)
    return emptied.error();
  if (!*emptied)
    return failure{error_code::unavailable, "the webhooks' outbox is being read", {}};
  return success();
}

} // namespace parley
