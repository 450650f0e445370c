// One job for each portion, so that several exports take turns.
#include "persistence/exports/store_exports.hpp"

#include <utility>

#include "actors/log.hpp"
#include "actors/log_line.hpp"

namespace parley {

namespace {

class archive_on_lane final : public export_stream {
public:
  archive_on_lane(std::shared_ptr<export_archive> what, lane_ptr own)
      : what_(std::move(what)), own_(std::move(own)) {}

  void read(told<std::string> to) override {
    own_->run([what = what_, to = std::move(to)] {
      auto bytes = what->read();
      if (!bytes)
        thread_log().warn("export_failed reason={}", in_quotes(bytes.error().message));
      to(std::move(bytes));
    });
  }

  std::shared_ptr<const export_receipt> receipt() const override { return what_->receipt(); }

private:
  std::shared_ptr<export_archive> what_;
  lane_ptr own_;
};

} // namespace

void store_exports::open(export_question what, told<std::shared_ptr<export_stream>> to) {
  own_->run([from = from_, own = own_, clock = clock_, what = std::move(what), to = std::move(to)] {
    auto begun = export_archive::begin(from, what, clock());
    if (!begun)
      return to(begun.error());
    to(std::shared_ptr<export_stream>{std::make_shared<archive_on_lane>(
        std::shared_ptr<export_archive>{std::move(*begun)}, own)});
  });
}

} // namespace parley
