// The table of REST: which method and path is which command, and what it takes from the address.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace parley {

/// What the text of a parameter stands for; `only` is the one element of a list.
enum class parameter_kind : std::uint8_t { text, number, flag, list, only };

/// Something that stands in the query of an address, under the name of the command's field.
struct rest_parameter {
  std::string_view name;
  parameter_kind kind = parameter_kind::text;
  std::string_view otherwise = {}; ///< What it is when it is left out; empty: nothing.
};

/// Whether a request of an operation has a body, which is a JSON object of the command's fields.
enum class rest_body : std::uint8_t { none, optional, required };

/// One command as an operation of HTTP. The segments of `path` in braces are fields of the command.
struct rest_operation {
  std::string_view id; ///< `operationId` in the OpenAPI document.
  std::string_view method;
  std::string_view path;
  std::string_view command; ///< Empty: the edge answers by itself, to administrators.
  rest_body body = rest_body::none;
  int status = 200; ///< Of a good answer.
  std::vector<rest_parameter> query = {};
  std::vector<std::pair<std::string_view, bool>> fixed =
      {};                      ///< Fields that say the same each time.
  bool of_oneself = false;     ///< The path's `user` must be who asks.
  std::string_view event = {}; ///< The answer is this event, which follows `ok`.
  bool for_user = false;       ///< An administrator asks in the place of the path's `user`.
  bool operates = false;       ///< An administrator asks, as what no member need be.
};

/// Whether only administrators may ask, and with other rights than those of a user.
inline bool is_for_operators(const rest_operation& what) noexcept {
  return what.for_user || what.operates;
}

/// All operations; those of one path stand together.
const std::vector<rest_operation>& rest_operations();

/// A segment of a path and what stood in its place, percent-decoded.
using path_fields = std::vector<std::pair<std::string_view, std::string>>;

/// An operation whose path fits an address.
struct rest_match {
  const rest_operation* operation = nullptr;
  path_fields fields;
};

/// All operations with such a path, whatever their methods. `path` is as it was sent.
std::vector<rest_match> operations_at(std::string_view path);

/// The kind of a field that stands in a path.
parameter_kind kind_in_path(std::string_view name);

} // namespace parley
