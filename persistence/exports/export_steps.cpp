// What the parts have in common.
#include "persistence/exports/export_steps.hpp"

#include <utility>

#include "actors/encoding.hpp"

namespace parley {

namespace {

class one_portion final : public export_step {
public:
  explicit one_portion(std::function<outcome(const row_reader&, export_entries&)> read)
      : read_(std::move(read)) {}

  result<bool> go_on(const row_reader& rows, export_entries& into) override {
    auto read = read_(rows, into);
    if (!read)
      return read.error();
    return false;
  }

private:
  std::function<outcome(const row_reader&, export_entries&)> read_;
};

class page_by_page final : public export_step {
public:
  explicit page_by_page(export_page read) : read_(std::move(read)) {}

  result<bool> go_on(const row_reader& rows, export_entries& into) override {
    auto next = read_(rows, cursor_, into);
    if (!next)
      return next.error();
    cursor_ = std::move(*next);
    return cursor_.has_value();
  }

private:
  export_page read_;
  std::optional<std::string> cursor_;
};

} // namespace

result<bool> go_on_with(export_steps& steps, const row_reader& rows, export_entries& into) {
  if (steps.empty())
    return false;
  auto more = steps.front()->go_on(rows, into);
  if (!more)
    return more;
  if (!*more)
    steps.pop_front();
  return !steps.empty();
}

std::unique_ptr<export_step>
export_at_once(std::function<outcome(const row_reader&, export_entries&)> read) {
  return std::make_unique<one_portion>(std::move(read));
}

std::unique_ptr<export_step> export_pages(export_page read) {
  return std::make_unique<page_by_page>(std::move(read));
}

std::string encode_exported_file(const stored_file& file, std::string_view messages) {
  map_writer map;
  map.text("file", file.what.file.str());
  if (!file.what.name.empty())
    map.text("name", file.what.name);
  map.text("type", file.what.type)
      .number("size", file.what.size)
      .text("sha256", hex(file.what.sha256, file.what.sha256.size()))
      .text("by", file.by.str())
      .time("at", file.at);
  if (!messages.empty())
    map.encoded("messages", messages);
  return std::move(map).take();
}

} // namespace parley
