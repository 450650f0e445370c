// Reads a stopped store, once its log is applied; beside a server, what that has applied.
#include "transport/cli_export.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "persistence/exports/export_archive.hpp"
#include "persistence/record_codec.hpp"
#include "persistence/replay.hpp"
#include "persistence/store.hpp"
#include "transport/cli_progress.hpp"
#include "transport/codec.hpp"
#include "transport/main_control.hpp"
#include "transport/main_exports.hpp"

namespace parley {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// How long a server may take to apply what it had acknowledged when this began.
constexpr auto apply_patience = 30s;

using tables_ptr = std::shared_ptr<const environment>;

/// Opened anew for each portion: the mapping reaches only so far, and a compaction may have put
/// another model there.
result<tables_ptr> tables_beside(const fs::path& data) {
  auto model = environment::open(looking_at(data / "model", model_table_names));
  if (!model)
    return model.error();
  return tables_ptr{std::move(*model)};
}

/// The newest batch that the log has.
result<position> head_of_log(const fs::path& data) {
  auto log = environment::open(looking_at(data / "log"));
  if (!log)
    return log.error();
  auto view = (*log)->read();
  if (!view)
    return view.error();
  cursor at = view->rows(0);
  const auto last = at.last() ? lmdb_log::position_of(at.key()) : std::nullopt;
  if (at.error())
    return *at.error();
  return last.value_or(position{});
}

result<position> applied_in(const fs::path& data) {
  auto tables = tables_beside(data);
  if (!tables)
    return tables.error();
  auto view = (*tables)->read();
  if (!view)
    return view.error();
  return row_reader{*view}.applied();
}

/// Until everything that was acknowledged so far can be read.
outcome wait_for_server(const fs::path& data) {
  const auto head = head_of_log(data);
  if (!head)
    return head.error();
  const auto until = std::chrono::steady_clock::now() + apply_patience;
  for (;;) {
    const auto applied = applied_in(data);
    if (!applied)
      return applied.error();
    if (*applied >= *head)
      return success();
    if (std::chrono::steady_clock::now() > until)
      return failure{error_code::unavailable, "the server does not apply its log", {}};
    std::this_thread::sleep_for(20ms);
  }
}

/// Where the tables of the store are, of which nobody or a server has the lock.
result<export_sources> sources_of(const fs::path& data, std::shared_ptr<store>& opened) {
  if (!fs::is_directory(data / "model"))
    return failure{error_code::not_found, data.string() + " is no data directory", {}};
  export_sources sources;
  sources.files = data / "files";
  sources.to_json = &to_json;
  auto alone = store::open({.directory = data});
  if (alone) {
    opened = *alone;
    if (auto replayed = replay_all(*opened->log(), *opened->model()); !replayed)
      return replayed.error();
    sources.tables = [opened] { return result<tables_ptr>{opened->model()->tables()}; };
    return sources;
  }
  if (const auto line = connect_control(data); !line)
    return alone.error();
  if (auto waited = wait_for_server(data); !waited)
    return waited.error();
  sources.tables = [data] { return tables_beside(data); };
  return sources;
}

/// A file that is removed unless it became whole, or the standard output.
class archive_file {
public:
  ~archive_file() {
    if (file_ < 0 || path_.empty())
      return;
    ::close(file_);
    if (!is_whole_)
      ::unlink(path_.c_str());
  }
  archive_file() = default;
  archive_file(const archive_file&) = delete;
  archive_file& operator=(const archive_file&) = delete;

  outcome open(const std::string& output) {
    if (output == "-") {
      file_ = STDOUT_FILENO;
      return success();
    }
    file_ = ::open(output.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file_ < 0)
      return failed(output);
    path_ = output;
    return success();
  }

  outcome write(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto written = ::write(file_, bytes.data(), bytes.size());
      if (written < 0 && errno != EINTR)
        return failed("the archive");
      bytes.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
    return success();
  }

  outcome finish() {
    if (!path_.empty() && ::fsync(file_) != 0)
      return failed(path_);
    is_whole_ = true;
    return success();
  }

private:
  static failure failed(std::string_view what) {
    return {error_code::unavailable, std::string(what) + ": " + std::strerror(errno), {}};
  }

  int file_ = -1;
  std::string path_;
  bool is_whole_ = false;
};

/// Keeps it in the store, by way of the server if there is one.
outcome keep_receipt(const export_options& what, const std::shared_ptr<store>& opened,
                     const export_receipt& receipt) {
  if (opened) {
    const auto kept = opened->log()->append(encode_batch(std::vector{record_of_export(receipt)}));
    if (!kept)
      return kept.error();
    return replay_all(*opened->log(), *opened->model());
  }
  auto line = connect_control(what.data);
  if (!line)
    return line.error();
  const std::string command =
      std::string(exported_command) + base64url(encode_export_receipt(receipt));
  const auto told = (*line)->write(command) ? (*line)->read() : std::nullopt;
  if (told && told->starts_with("done"))
    return success();
  return failure{
      error_code::unavailable, "the receipt is not kept: " + told.value_or("no answer"), {}};
}

export_question question_of(const export_options& what, timestamp now) {
  export_question asked;
  if (what.user.empty())
    asked.what = conversation_id{what.conversation};
  else
    asked.what = user_id{what.user};
  std::random_device chance;
  asked.receipt = export_receipt_id(now, std::to_string(chance()) + "." + std::to_string(chance()));
  return asked;
}

timestamp now_by_the_wall() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

// Whoever has the end of it finds its receipt in the store.
result<std::uint64_t> export_to(archive_file& to, const export_options& what,
                                const progress_listener& tell) {
  std::shared_ptr<store> opened;
  auto sources = sources_of(what.data, opened);
  if (!sources)
    return sources.error();
  sources->clock = &now_by_the_wall;
  const auto now = now_by_the_wall();
  auto archive = export_archive::begin(std::move(*sources), question_of(what, now), now);
  if (!archive)
    return archive.error();
  if (auto ready = to.open(what.output); !ready)
    return ready.error();
  bool is_kept = false;
  for (std::uint64_t bytes = 0;;) {
    const auto some = (*archive)->read();
    if (!some)
      return some.error();
    if (some->empty())
      return to.finish() ? result<std::uint64_t>{bytes}
                         : failure{error_code::unavailable, "it cannot be synced", {}};
    if (const auto receipt = (*archive)->receipt(); receipt && !std::exchange(is_kept, true))
      if (auto kept = keep_receipt(what, opened, *receipt); !kept)
        return kept.error();
    if (auto written = to.write(*some); !written)
      return written.error();
    bytes += some->size();
    tell((*archive)->progress());
  }
}

/// Of a store in use or not, as far as its tables have them.
outcome print_receipts(const export_options& what) {
  std::shared_ptr<store> opened;
  auto sources = sources_of(what.data, opened);
  if (!sources)
    return sources.error();
  auto tables = sources->tables();
  if (!tables)
    return tables.error();
  auto view = (*tables)->read();
  if (!view)
    return view.error();
  bool is_there = what.receipts;
  cursor at = row_reader{*view}.rows(model_table::exports);
  for (bool more = at.first(); more; more = at.next()) {
    if (!what.receipts && at.key() != what.receipt)
      continue;
    const auto row = decode_export(at.key(), at.value());
    if (!row)
      return row.error();
    std::cout << to_json(row->receipt) << '\n';
    is_there = true;
  }
  if (at.error())
    return *at.error();
  std::cout.flush();
  return is_there ? success() : failure{error_code::not_found, "no such receipt", {}};
}

} // namespace

int export_from(const export_options& what) {
  if (what.receipts || !what.receipt.empty()) {
    const auto printed = print_receipts(what);
    if (!printed)
      std::cerr << "parleyd: no receipts: " << printed.error().message << '\n';
    return printed ? 0 : 1;
  }
  archive_file to;
  // The standard output may be the archive.
  command_report told{"export", what.json, what.json && what.output != "-" ? std::cout : std::cerr};
  const auto done = export_to(to, what, told.listener());
  if (!done)
    return told.fail("not exported: " + done.error().message);
  const std::string& whose = what.user.empty() ? what.conversation : what.user;
  return told.succeed("exported " + whose + " to " + what.output + ": " + std::to_string(*done) +
                          " bytes",
                      {{"output", what.output}, {"bytes", *done}});
}

} // namespace parley
