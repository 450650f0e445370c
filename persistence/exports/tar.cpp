// The only file that includes libarchive.
#include "persistence/exports/tar.hpp"

#include <utility>

#include <archive.h>
#include <archive_entry.h>

namespace parley {

namespace {

la_ssize_t append_to_sink(struct archive*, void* to, const void* bytes, std::size_t size) {
  if (auto& into = *static_cast<tar_sink*>(to); !into.is_closed)
    into.bytes.append(static_cast<const char*>(bytes), size);
  return static_cast<la_ssize_t>(size);
}

} // namespace

// Unblocked: what is written is there to be taken at once.
tar_writer::tar_writer(timestamp at) : at_(at), archive_(archive_write_new()) {
  if (archive_ == nullptr)
    return;
  archive_write_set_format_pax_restricted(archive_);
  archive_write_add_filter_none(archive_);
  archive_write_set_bytes_per_block(archive_, 0);
  archive_write_set_bytes_in_last_block(archive_, 1);
  archive_write_open(archive_, &out_, nullptr, &append_to_sink, nullptr);
}

// What was not finished is thrown away. libarchive frees all it has only when it may end what it
// began (archive_write_fail keeps it from that), so it writes that to nowhere.
tar_writer::~tar_writer() {
  out_.is_closed = true;
  if (archive_ != nullptr)
    archive_write_free(archive_);
}

failure tar_writer::failed(std::string_view what) const {
  const char* why = archive_ == nullptr ? nullptr : archive_error_string(archive_);
  return {error_code::internal,
          "tar: " + std::string(what) + ": " + (why == nullptr ? "no memory" : why),
          {}};
}

outcome tar_writer::begin(const std::string& name, std::uint64_t size) {
  const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry{archive_entry_new(),
                                                                            &archive_entry_free};
  if (archive_ == nullptr || !entry)
    return failed(name);
  archive_entry_set_pathname(entry.get(), name.c_str());
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(size));
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0600);
  archive_entry_set_mtime(entry.get(), at_.time_since_epoch().count() / 1000, 0);
  if (archive_write_header(archive_, entry.get()) != ARCHIVE_OK)
    return failed(name);
  return success();
}

outcome tar_writer::add(std::string_view bytes) {
  const auto taken = archive_write_data(archive_, bytes.data(), bytes.size());
  if (taken < 0 || static_cast<std::size_t>(taken) != bytes.size())
    return failed("an entry is longer than it was to be");
  return success();
}

outcome tar_writer::finish() {
  return archive_ != nullptr && archive_write_close(archive_) == ARCHIVE_OK
             ? success()
             : outcome{failed("it cannot be closed")};
}

} // namespace parley
