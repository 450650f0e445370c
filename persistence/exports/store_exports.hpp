// Exports of a store that a server has open.
#pragma once

#include <memory>

#include "actors/exports.hpp"
#include "persistence/exports/export_archive.hpp"
#include "persistence/lane.hpp"

namespace parley {

/// Every blocking call runs on the lane.
class store_exports final : public exports {
public:
  store_exports(export_sources from, lane_ptr own, std::function<timestamp()> clock)
      : from_(std::move(from)), own_(std::move(own)), clock_(std::move(clock)) {
    from_.clock = clock_;
  }

  void open(export_question what, told<std::shared_ptr<export_stream>> to) override;

private:
  export_sources from_;
  lane_ptr own_;
  std::function<timestamp()> clock_;
};

} // namespace parley
