// Entries in, tar out; files are copied through a small buffer.
#include "persistence/exports/export_archive.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actors/encoding.hpp"
#include "actors/limits_of_exports.hpp"
#include "persistence/blob_store.hpp"

namespace parley {

namespace {

constexpr std::uint64_t archive_version = 1;

failure copy_failure(std::string_view what, int code) {
  return {error_code::internal,
          "a file to be exported " + std::string(what) + ": " + std::strerror(code),
          {}};
}

map_writer begin_manifest(std::string_view what, const export_question& asked, timestamp now) {
  map_writer map;
  map.text("format", "parley-export").number("version", archive_version).text("what", what);
  map.text("as", asked.reader ? "reader" : "administrator").time("at", now);
  if (asked.reader)
    map.text("reader", asked.reader->str());
  return map;
}

} // namespace

export_archive::export_archive(export_sources from, timestamp now)
    : from_(std::move(from)), entries_(from_.to_json), tar_(now) {}

export_archive::~export_archive() { close_file(); }

result<std::unique_ptr<export_archive>>
export_archive::begin(export_sources from, const export_question& what, timestamp now) {
  std::unique_ptr<export_archive> made{new export_archive(std::move(from), now)};
  auto tables = made->from_.tables();
  if (!tables)
    return tables.error();
  auto view = (*tables)->read();
  if (!view)
    return view.error();
  if (auto planned = made->plan(row_reader{*view}, what, now); !planned)
    return planned.error();
  return made;
}

// Everything up to the batch that is applied now is in it.
outcome export_archive::plan(const row_reader& rows, const export_question& what, timestamp now) {
  auto until = rows.applied();
  if (!until)
    return until.error();
  auto epoch = rows.meta_text(meta::epoch);
  if (!epoch)
    return epoch.error();
  if (const auto* user = std::get_if<user_id>(&what.what)) {
    auto known = what.reader ? result<bool>{true} : is_user_known(rows, *user);
    if (!known)
      return known.error();
    if (!*known)
      return failure{error_code::not_found, "no such user", {}};
    map_writer manifest = begin_manifest("user", what, now);
    manifest.text("user", user->str()).text("epoch", *epoch).number("position", until->value());
    entries_.document("manifest.json", std::move(manifest).take());
    add_user_steps(steps_, *user, *until);
    return success();
  }
  const auto& conversation = std::get<conversation_id>(what.what);
  if (auto may = may_export(rows, conversation, what.reader); !may)
    return may;
  auto row = rows.required_conversation(conversation);
  if (!row)
    return row.error();
  map_writer manifest = begin_manifest("conversation", what, now);
  manifest.text("conversation", conversation.str()).text("epoch", *epoch);
  manifest.number("position", until->value()).number("head", row->head.value());
  manifest.number("members", row->members);
  entries_.document("manifest.json", std::move(manifest).take());
  add_conversation_steps(steps_, conversation, {what.reader, false, *until}, {});
  return success();
}

result<std::string> export_archive::read() {
  while (!is_done_ && tar_.size() < limits::export_chunk_bytes)
    if (auto done = go_on(); !done) {
      is_done_ = true;
      return done.error();
    }
  return tar_.take();
}

outcome export_archive::go_on() {
  if (left_ > 0)
    return copy_file();
  if (const auto next = entries_.take())
    return begin_entry(*next);
  if (!is_read_)
    return read_portion();
  is_done_ = true;
  return tar_.finish();
}

outcome export_archive::read_portion() {
  auto tables = from_.tables();
  if (!tables)
    return tables.error();
  auto view = (*tables)->read();
  if (!view)
    return view.error();
  auto more = go_on_with(steps_, row_reader{*view}, entries_);
  if (!more)
    return more.error();
  if (!*more) {
    is_read_ = true;
    entries_.end({});
    entries_.document("complete.json", summary());
  }
  return entries_.error() ? outcome{*entries_.error()} : success();
}

std::string export_archive::summary() const {
  map_writer map;
  const export_counts& all = entries_.counts;
  map.flag("complete", true).number("events", all.events).number("receipts", all.receipts);
  map.number("files", all.files).number("conversations", all.conversations);
  return std::move(map).take();
}

// A file may have been deleted since it was read that there is one: then it is in the list alone.
outcome export_archive::begin_entry(const export_entry& what) {
  if (!what.file) {
    if (auto begun = tar_.begin(what.name, what.bytes.size()); !begun)
      return begun;
    return tar_.add(what.bytes);
  }
  file_ = ::open(blob_path(from_.files, *what.file).c_str(), O_RDONLY | O_CLOEXEC);
  if (file_ < 0 && errno == ENOENT)
    return success();
  struct stat facts {};
  if (file_ < 0 || ::fstat(file_, &facts) != 0)
    return copy_failure("cannot be opened", errno);
  left_ = static_cast<std::uint64_t>(facts.st_size);
  auto begun = tar_.begin(what.name, left_);
  if (left_ == 0)
    close_file();
  return begun;
}

outcome export_archive::copy_file() {
  std::array<char, limits::file_chunk_bytes> some{};
  const auto got = ::read(file_, some.data(), std::min<std::uint64_t>(left_, some.size()));
  if (got < 0 && errno == EINTR)
    return success();
  if (got <= 0)
    return copy_failure("is cut off", got < 0 ? errno : EIO);
  left_ -= static_cast<std::uint64_t>(got);
  if (left_ == 0)
    close_file();
  return tar_.add({some.data(), static_cast<std::size_t>(got)});
}

void export_archive::close_file() {
  if (file_ >= 0)
    ::close(std::exchange(file_, -1));
}

} // namespace parley
