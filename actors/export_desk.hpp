// Where archives are handed out: who may have one, and how many at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/context.hpp"
#include "actors/exports.hpp"

namespace parley {

/// How many exports there are. Safe from any thread.
class export_book : public std::enable_shared_from_this<export_book> {
public:
  /// A place for one more, given back when it is let go of; `rate_limited` when there are too many.
  result<std::shared_ptr<const void>> begin(const user_id& by);

private:
  void end(const user_id& by);

  std::mutex lock_;
  std::size_t all_ = 0;
  std::unordered_map<user_id, std::size_t> users_;
};

/// An archive on its way out: its end is given only once its receipt is on disk.
struct opened_export {
  std::shared_ptr<export_stream> bytes;
  std::shared_ptr<const void> place = {}; ///< Held for as long as it goes on.
};

/// Hands out archives for the edge. Calls return at once; answers come on threads that are
/// nobody's. Safe from any thread.
class export_desk {
public:
  export_desk(context_ptr context, std::shared_ptr<exports> from)
      : context_(std::move(context)), exports_(std::move(from)) {}

  /// `not_found` for everyone who may not have it; `rate_limited`.
  void open(const std::variant<conversation_id, user_id>& what, const identity& who,
            told<opened_export> to);
  /// The receipt with this id, encoded; `not_found` when there is none.
  void find(const std::string& id, told<std::string> to);
  /// The newest receipts, or the newest of those before one, the latest first.
  void list(const std::optional<std::string>& before, told<std::vector<std::string>> to);

private:
  context_ptr context_;
  std::shared_ptr<exports> exports_;
  std::shared_ptr<export_book> book_ = std::make_shared<export_book>();
};

} // namespace parley
