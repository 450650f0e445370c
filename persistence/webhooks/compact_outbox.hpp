// Sees to it that no file of the outbox names who was erased.
#pragma once

#include "persistence/store.hpp"

namespace parley {

/// Takes their names out where no server does, and empties the journal; nothing to do without an
/// outbox. May be used beside the courier.
outcome compact_outbox_of(store& data);

} // namespace parley
