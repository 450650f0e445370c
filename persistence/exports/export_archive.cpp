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
/// What the names of lists of sums begin with.
constexpr std::string_view sums_name = "checksums";

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
    : from_(std::move(from)), entries_(from_.to_json), tar_(now),
      hash_(EVP_MD_CTX_new(), &EVP_MD_CTX_free), sums_(from_.to_json) {}

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
  begin_receipt(what, now, *until);
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
  events_ = row->head.value() - row->kept_from.previous().value();
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
  for (auto* from : {&entries_, &sums_})
    if (const auto next = from->take())
      return begin_entry(*next);
  if (!is_read_)
    return read_portion();
  if (!is_listed_) {
    is_listed_ = true;
    sums_.end({}); // the last one's own is not in any
    return success();
  }
  is_done_ = true;
  return write_end();
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
    if (auto begun = begin_sum(what.name, what.bytes.size()); !begun)
      return begun;
    auto added = add(what.bytes);
    end_sum();
    return added;
  }
  file_ = ::open(blob_path(from_.files, *what.file).c_str(), O_RDONLY | O_CLOEXEC);
  if (file_ < 0 && errno == ENOENT)
    return success();
  struct stat facts {};
  if (file_ < 0 || ::fstat(file_, &facts) != 0)
    return copy_failure("cannot be opened", errno);
  left_ = static_cast<std::uint64_t>(facts.st_size);
  auto begun = begin_sum(what.name, left_);
  if (left_ == 0) {
    end_sum();
    close_file();
  }
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
  auto added = add({some.data(), static_cast<std::size_t>(got)});
  if (left_ == 0) {
    end_sum();
    close_file();
  }
  return added;
}

// --- What it is known by -------------------------------------------------------------------------

void export_archive::begin_receipt(const export_question& what, timestamp now, position until) {
  made_.id = what.receipt;
  made_.by = what.by;
  made_.as_reader = what.reader.has_value();
  if (const auto* user = std::get_if<user_id>(&what.what))
    made_.user = *user;
  else
    made_.conversation = std::get<conversation_id>(what.what);
  made_.begun_at = now;
  made_.until = until;
}

outcome export_archive::begin_sum(const std::string& name, std::uint64_t bytes) {
  written_ = {name, bytes, {}};
  if (!hash_ || EVP_DigestInit_ex(hash_.get(), EVP_sha256(), nullptr) != 1)
    return failure{error_code::internal, "no SHA-256 for an export", {}};
  return tar_.begin(name, bytes);
}

outcome export_archive::add(std::string_view bytes) {
  EVP_DigestUpdate(hash_.get(), bytes.data(), bytes.size());
  return tar_.add(bytes);
}

// Lists of sums have nobody who lists theirs but the receipt, which they keep short.
void export_archive::end_sum() {
  EVP_DigestFinal_ex(hash_.get(), written_.sha256.data(), nullptr);
  ++made_.entries;
  made_.bytes += written_.bytes;
  if (is_listed_ || written_.entry.starts_with(sums_name))
    lists_.push_back(written_);
  else
    sums_.line(std::string(sums_name), encode_export_checksum(written_));
}

outcome export_archive::write_document(const std::string& name, std::string_view map) {
  const std::string text = from_.to_json(map) + "\n";
  if (auto begun = begin_sum(name, text.size()); !begun)
    return begun;
  auto added = add(text);
  end_sum();
  return added;
}

// In one piece with what is kept of it: whoever has the end has the receipt.
outcome export_archive::write_end() {
  if (auto summed = write_document("complete.json", summary()); !summed)
    return summed;
  const export_counts& all = entries_.counts;
  made_.done_at = from_.clock ? from_.clock() : made_.begun_at;
  made_.ranges = all.ranges;
  made_.conversations = all.in_conversations;
  made_.events = all.events;
  made_.messages = all.messages;
  made_.files = all.files;
  export_receipt kept = made_;
  if (auto written = write_document("receipt.json", encode_export_receipt(made_, lists_)); !written)
    return written;
  kept.sha256 = written_.sha256;
  receipt_ = std::make_shared<const export_receipt>(std::move(kept));
  return tar_.finish();
}

void export_archive::close_file() {
  if (file_ >= 0)
    ::close(std::exchange(file_, -1));
}

} // namespace parley
