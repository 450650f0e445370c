// One search for one user: what the index finds, as far as the read model says that they may see
// it.
#pragma once

#include "actors/queries.hpp"
#include "persistence/read_model.hpp"
#include "persistence/search/search_index.hpp"

namespace parley {

/// The model must have everything up to `at_least`; an index that has not is `overloaded`.
/// `bad_request` for a query or a cursor that cannot be read, `not_found` for a conversation that
/// is not the user's.
result<search_results> search(search_reader& index, const model_reader& model, const user_id& user,
                              const search_messages& what, position at_least);

} // namespace parley
