// Receipts of exports: how their rows are spelled, as schema.hpp has it of all others.
#pragma once

#include "persistence/schema.hpp"

namespace parley {

/// The receipt of an export.
struct export_row {
  std::string receipt; ///< The MessagePack map that says all; what is below is in it, too.
  std::string id = {};
  user_id by = {};   ///< Nobody: the operator.
  user_id user = {}; ///< Nobody: it is of a conversation.
  position until = {};
};

std::string encode_row(const std::string& key, const export_row& row);
result<export_row> decode_export(std::string_view key, std::string_view value);
/// What an `exported` record says; nothing when it cannot be read.
std::optional<export_row> export_in(std::string_view event);

} // namespace parley
