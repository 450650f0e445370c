// Where files are handed in and out: who may, how much, and what is written down of it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/context.hpp"

namespace parley {

/// What the operator has settled about files.
struct file_policy {
  std::uint64_t most_bytes = limits::file_bytes; ///< Of one file; 0: nothing is uploaded.
  std::vector<std::string> types = {};           ///< Media types; none: all.
};

/// A file that somebody wants to upload.
struct upload_request {
  user_id by;
  std::string name;                  ///< Empty for none.
  std::string type;                  ///< As media_type_of gives it.
  std::optional<std::uint64_t> size; ///< Where it was announced.
};

/// How many uploads there are and how much they may come to. Safe from any thread.
class upload_book {
public:
  /// Lets one more begin, or says why not; `end` gives back what it took.
  outcome begin(const user_id& by);
  void end(const user_id& by, std::uint64_t expected);
  /// Counts bytes that this upload may have, beside what the user has on disk: `rate_limited` when
  /// that is too much.
  outcome expect(const user_id& by, std::uint64_t bytes, const unsent_files& on_disk);

private:
  struct of_user {
    std::size_t uploads = 0;
    std::uint64_t bytes = 0;
  };
  std::mutex lock_;
  std::size_t uploads_ = 0;
  std::unordered_map<user_id, of_user> users_;
};

/// How many downloads each user has. Safe from any thread.
class download_book : public std::enable_shared_from_this<download_book> {
public:
  /// A place for one more, given back when it is let go of; `rate_limited` when there are too many.
  result<std::shared_ptr<const void>> begin(const user_id& by);

private:
  void end(const user_id& by);

  std::mutex lock_;
  std::unordered_map<user_id, std::size_t> users_;
};

/// A file on its way in. One call at a time; one that is let go of before it is a file leaves
/// nothing.
class upload {
public:
  virtual ~upload() = default;
  /// Adds bytes: `too_large` when they are too many, `unavailable` when there is no space.
  virtual void write(std::string bytes, told_outcome to) = 0;
  /// There are no more: tells what it is, once that is durable.
  virtual void finish(told<file_facts> to) = 0;
};

/// A file on its way out.
struct download {
  file_facts what;
  std::shared_ptr<readable_blob> bytes;   ///< Null when nobody wanted them.
  std::shared_ptr<const void> place = {}; ///< Held for as long as it goes on.
};

/// Carries out uploads and downloads for the edge. Calls return at once; answers come on threads
/// that are nobody's. Safe from any thread.
class file_desk {
public:
  file_desk(context_ptr context, file_policy policy)
      : context_(std::move(context)), policy_(std::move(policy)) {}

  const file_policy& policy() const noexcept { return policy_; }

  /// `not_found` where nothing is uploaded, `too_large`, `rate_limited`, `overloaded`,
  /// `unavailable`.
  void begin(upload_request what, told<std::shared_ptr<upload>> to);
  /// `not_found` for everyone who may not read it; `rate_limited`.
  void open(const file_id& file, const user_id& reader, bool wants_bytes, told<download> to);

private:
  context_ptr context_;
  file_policy policy_;
  std::shared_ptr<upload_book> book_ = std::make_shared<upload_book>();
  std::shared_ptr<download_book> downloads_ = std::make_shared<download_book>();
};

} // namespace parley
