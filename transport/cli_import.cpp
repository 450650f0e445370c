// Lines are read one after another: a file may be larger than the memory.
#include "transport/cli_import.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include <nlohmann/json.hpp>

#include "persistence/replay.hpp"
#include "transport/cli_progress.hpp"
#include "transport/main_import.hpp"

namespace parley {

namespace {

/// Refused lines that are told of one by one.
constexpr std::uint64_t refusals_told = 100;

result<std::shared_ptr<store>> open_to_import(const std::filesystem::path& data) {
  auto opened = store::open({.directory = data});
  if (!opened)
    return opened.error();
  if (auto replayed = replay_all(*(*opened)->log(), *(*opened)->model()); !replayed)
    return replayed.error();
  return std::move(*opened);
}

outcome take_lines(importer& work, std::istream& in, std::uint64_t bytes, command_report& told) {
  const auto tell = told.listener();
  work_progress progress{"importing", 0, bytes, "bytes"};
  for (std::string line; std::getline(in, line);) {
    progress.done += line.size() + 1;
    if (line.empty())
      continue;
    auto refused = work.take(line);
    if (!refused)
      return refused.error();
    const auto& figures = work.figures();
    if (*refused && figures.refused <= refusals_told)
      told.problem("line " + std::to_string(figures.lines) + ": " + **refused);
    tell(progress);
  }
  return success();
}

outcome import_all(const import_options& what, importer& work, command_report& told) {
  std::ifstream file;
  std::uint64_t bytes = 0;
  if (what.from != "-") {
    file.open(what.from, std::ios::binary);
    std::error_code code;
    bytes = std::filesystem::file_size(what.from, code);
    if (!file || code)
      return failure{error_code::not_found, what.from + " cannot be read", {}};
  }
  if (auto taken = take_lines(work, what.from == "-" ? std::cin : file, bytes, told); !taken)
    return taken;
  if (what.read)
    if (auto read = work.mark_all_read(); !read)
      return read;
  return work.finish(
      std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()));
}

} // namespace

int import_into(const import_options& what) {
  command_report told{"import", what.json, std::cout};
  auto data = open_to_import(what.data);
  if (!data)
    return told.fail("nothing was imported: " + data.error().message);
  const auto folder = std::filesystem::path{what.from == "-" ? "" : what.from}.parent_path();
  importer work{*data, folder};
  const auto done = import_all(what, work, told);
  const import_figures& all = work.figures();
  const nlohmann::json facts{
      {"lines", all.lines}, {"records", all.records}, {"refused", all.refused}};
  if (!done)
    return told.fail("not all was imported: " + done.error().message, facts);
  const std::string text = "imported into " + what.data + ": " + std::to_string(all.lines) +
                           " lines, " + std::to_string(all.records) + " records of the log, " +
                           std::to_string(all.refused) + " lines refused";
  return all.refused > 0 ? told.fail(text, facts) : told.succeed(text, facts);
}

} // namespace parley
