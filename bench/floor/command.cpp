// Picks the known keys out of a command's map.
#include "bench/floor/command.hpp"

namespace parley::bench {
namespace {

/// Where a text value under this key belongs; null when the key is not looked at.
std::string_view* text_field(std::string_view key, Command& out) {
  return key == "type"           ? &out.type
         : key == "conversation" ? &out.conversation
         : key == "client_id"    ? &out.client_id
         : key == "body"         ? &out.body
         : key == "token"        ? &out.token
                                 : nullptr;
}

void scan_value(std::string_view key, MsgpackCursor& cursor, Command& out) {
  if (auto* field = text_field(key, out); field != nullptr && cursor.next_is_str()) {
    *field = cursor.str();
  } else if (key == "members" || key == "users") {
    for (auto left = cursor.array(); left > 0 && cursor.ok(); --left)
      out.users.push_back(cursor.str());
  } else {
    cursor.skip();
  }
}

void forget(Command& command) {
  auto users = std::move(command.users);
  users.clear();
  command = Command{};
  command.users = std::move(users);
}

} // namespace

bool scan_command(std::string_view payload, MsgpackCursor& cursor, Command& out) {
  forget(out);
  for (auto pairs = cursor.map(); pairs > 0 && cursor.ok(); --pairs) {
    const auto key = cursor.str();
    const std::size_t left = cursor.left();
    scan_value(key, cursor, out);
    if (key == "ref")
      out.ref = payload.substr(payload.size() - left, left - cursor.left());
  }
  return cursor.ok() && !out.type.empty();
}

} // namespace parley::bench
