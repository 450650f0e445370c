// Archives of a conversation or of a user, as the engine knows them: every call returns at once,
// and what it asked for is told later, on a thread that is nobody's.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "actors/export_receipts.hpp"
#include "actors/file_messages.hpp"
#include "actors/ids.hpp"

namespace parley {

/// What is handed out, and to whom.
struct export_question {
  std::variant<conversation_id, user_id> what;
  /// Gets what they may read of a conversation; nobody: an administrator, who gets all of it. Of a
  /// user it is always what that user may read.
  std::optional<user_id> reader;
  std::string receipt = {}; ///< The id of the receipt.
  user_id by = {};          ///< Who asks; nobody: the operator.
};

/// A tar that is made while it is read. One call at a time.
class export_stream {
public:
  virtual ~export_stream() = default;
  /// More bytes; none at the end. A failure ends it: it cannot go on as it began.
  virtual void read(told<std::string> to) = 0;
  /// Once the bytes that were read last have the archive's end: what is to be kept of it, before
  /// anybody gets them. Null before that.
  virtual std::shared_ptr<const export_receipt> receipt() const { return nullptr; }
};

/// Makes such archives. Safe from any thread.
class exports {
public:
  virtual ~exports() = default;
  /// `not_found` for a conversation that is not there or not the reader's, and for a user of whom
  /// nothing is stored.
  virtual void open(export_question what, told<std::shared_ptr<export_stream>> to) = 0;
};

} // namespace parley
