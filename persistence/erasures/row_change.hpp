// A row of the model as it is to be.
#pragma once

#include <string>

#include "persistence/schema.hpp"

namespace parley {

/// Without a value it goes.
struct row_change {
  model_table table = model_table::meta;
  std::string key;
  std::string value;
};

} // namespace parley
