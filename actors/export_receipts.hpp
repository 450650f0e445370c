// What is kept of an export: who had what of whom, and what tells the archive from any other.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "actors/digest.hpp"
#include "actors/ids.hpp"
#include "actors/record.hpp"
#include "actors/time.hpp"

namespace parley {

/// What an archive has of one conversation.
struct export_range {
  conversation_id conversation;
  sequence first = {}; ///< Of the events that are in it; 0 without one.
  sequence last = {};
  std::uint64_t messages = 0;
};

/// What an archive says of one of its entries.
struct export_checksum {
  std::string entry;
  std::uint64_t bytes = 0;
  digest sha256{};
};

/// An export that was read to its end.
struct export_receipt {
  std::string id;               ///< Later exports have ids behind it, in the order of bytes.
  user_id by = {};              ///< Nobody: the operator, from the command line.
  bool as_reader = false;       ///< Only what `by` may read.
  conversation_id conversation; ///< One of these two is empty.
  user_id user = {};
  timestamp begun_at{};
  timestamp done_at{};
  position until;                        ///< Events behind this batch are not in it.
  std::vector<export_range> ranges = {}; ///< At most limits::export_ranges_kept; the list has all.
  std::uint64_t conversations = 0;       ///< Of which there are events.
  std::uint64_t events = 0;
  std::uint64_t messages = 0; ///< Of these.
  std::uint64_t files = 0;
  std::uint64_t entries = 0; ///< Before the receipt.
  std::uint64_t bytes = 0;   ///< Of these.
  digest sha256{}; ///< Of the receipt as it is in the archive, which has all others' sums.
};

/// An id of a receipt: behind all that were made before `now`. `chance` is a random text.
std::string export_receipt_id(timestamp now, std::string_view chance);
/// `export` {export, by?, as, what, conversation|user, begun_at, done_at, position, conversations,
/// events, messages, files, entries, bytes, ranges: [{conversation, first, last, messages}]}, and
/// of what is kept `sha256`, of what is in the archive `checksums`.
std::string encode_export_receipt(const export_receipt& what);
std::string encode_export_receipt(const export_receipt& what,
                                  const std::vector<export_checksum>& of_entries);
std::string encode_export_range(const export_range& what);
std::string encode_export_checksum(const export_checksum& what);

/// The record of the log that keeps it.
record_ptr record_of_export(const export_receipt& what);
/// The same from what was encoded before.
record_ptr record_of_export(std::string receipt, timestamp at);

} // namespace parley
