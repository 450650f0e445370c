// All rows of a read model, and ways to spoil one of them on disk.
#pragma once

#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "persistence/blob_store.hpp"
#include "persistence/read_model.hpp"
#include "persistence/rows.hpp"
#include "tests/support/store_of_test.hpp"

namespace parley::test {

using row_dump = std::vector<std::pair<std::string, std::string>>;

/// Every table's rows as (table/key, value).
inline row_dump dump(const read_model& model) {
  row_dump rows;
  auto reading = model.tables()->read();
  for (unsigned table = 0; table < model_table_names.size(); ++table) {
    cursor at = reading->rows(table);
    for (bool more = at.first(); more; more = at.next())
      rows.emplace_back(std::string(model_table_names[table]) + "/" + std::string(at.key()),
                        std::string(at.value()));
  }
  return rows;
}

/// Opens one environment of a closed store for writing, without the rules.
inline std::unique_ptr<environment> raw_model(const std::filesystem::path& data) {
  environment_options options;
  options.directory = data / "model";
  options.tables.assign(model_table_names.begin(), model_table_names.end());
  return must(environment::open(options));
}
inline std::unique_ptr<environment> raw_log(const std::filesystem::path& data) {
  environment_options options;
  options.directory = data / "log";
  return must(environment::open(options));
}

/// The value of a row of a closed store.
inline std::string row_of(const std::filesystem::path& data, model_table table,
                          const std::string& key) {
  auto opened = raw_model(data);
  auto reading = opened->read();
  return std::string(must(reading->get(index_of(table), key)).value());
}
/// Puts a row of a closed store in place of another one, or of nothing.
inline void plant(const std::filesystem::path& data, model_table table, const std::string& key,
                  const std::string& value) {
  must(raw_model(data)->write([&](write_transaction& writing) {
    writing.put(index_of(table), key, value);
    return success();
  }));
}
inline void uproot(const std::filesystem::path& data, model_table table, const std::string& key) {
  must(raw_model(data)->write([&](write_transaction& writing) {
    writing.erase(index_of(table), key);
    return success();
  }));
}
/// What was uploaded as this file, which takes as many bytes as story::file says.
inline void put_bytes(const std::filesystem::path& data, const file_facts& file,
                      const std::string& bytes = "hello") {
  const auto place = blob_path(data / "files", file.file);
  std::filesystem::create_directories(place.parent_path());
  std::ofstream{place, std::ios::binary} << bytes;
}
/// Flips a bit of a row's value.
inline void spoil(const std::filesystem::path& data, model_table table, const std::string& key) {
  must(raw_model(data)->write([&](write_transaction& writing) {
    auto value = must(writing.get(index_of(table), key));
    std::string changed{value.value()};
    changed.back() = static_cast<char>(changed.back() ^ 1);
    writing.put(index_of(table), key, changed);
    return success();
  }));
}

} // namespace parley::test
