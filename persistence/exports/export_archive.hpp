// An export as a tar: what is read next is read when the last was taken.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <openssl/evp.h>

#include "persistence/environment.hpp"
#include "persistence/exports/export_steps.hpp"
#include "persistence/exports/tar.hpp"
#include "persistence/progress.hpp"

namespace parley {

/// Where an export takes everything from.
struct export_sources {
  /// The model's tables as they are now: asked for each portion.
  std::function<result<std::shared_ptr<const environment>>()> tables;
  std::filesystem::path files; ///< The store's directory of files.
  json_of_map to_json;
  std::function<timestamp()> clock = {}; ///< Not there: all is done when it was begun.
};

/// Blocks while it reads, one portion of the tables or of a file at a time; holds no more than some
/// entries in memory. For one thread at a time.
class export_archive {
public:
  /// `not_found` as `exports::open` has it.
  static result<std::unique_ptr<export_archive>> begin(export_sources from,
                                                       const export_question& what, timestamp now);
  ~export_archive();

  /// More bytes, about limits::export_chunk_bytes; none at the end. After a failure it is over.
  result<std::string> read();
  /// What is to be kept of it, once what was read last has its end; null before that.
  std::shared_ptr<const export_receipt> receipt() const noexcept { return receipt_; }
  /// Events that were read so far; of a conversation it is known how many there are.
  work_progress progress() const {
    return {"exporting", entries_.counts.events, events_, "events"};
  }

private:
  export_archive(export_sources from, timestamp now);
  outcome plan(const row_reader& rows, const export_question& what, timestamp now);
  outcome go_on();
  outcome read_portion();
  outcome begin_entry(const export_entry& what);
  outcome copy_file();
  void close_file();
  void begin_receipt(const export_question& what, timestamp now, position until);
  outcome begin_sum(const std::string& name, std::uint64_t bytes);
  outcome add(std::string_view bytes);
  void end_sum();
  outcome write_end();
  outcome write_document(const std::string& name, std::string_view map);
  std::string summary() const;

  export_sources from_;
  export_entries entries_;
  export_steps steps_;
  tar_writer tar_;
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> hash_; ///< Of the entry that is written.
  export_checksum written_;                                 ///< That entry.
  std::vector<export_checksum> lists_; ///< Entries that have the sums of others, and `complete`.
  export_receipt made_;
  std::shared_ptr<const export_receipt> receipt_;
  int file_ = -1;
  std::uint64_t left_ = 0;   ///< Of the file that is being copied.
  std::uint64_t events_ = 0; ///< That there are; 0: nobody knows.
  bool is_read_ = false;     ///< The tables were.
  bool is_listed_ = false;   ///< The sums of all that came from them are in lists.
  bool is_done_ = false;
  export_entries sums_; ///< Lists of the sums of all that were written.
};

} // namespace parley
