// A socket whose request's answer is an archive.
#pragma once

#include <string>

#include "actors/export_desk.hpp"
#include "transport/answering_session.hpp"

namespace parley {

/// Nothing is made ahead of a reader.
class export_session final : public answering_session {
public:
  /// `received` is what came behind the request.
  export_session(shard& on, std::uint64_t key, link_ptr link, export_request asked,
                 std::string received);

private:
  void begin() override;
  void on_opened(const result<opened_export>& opened);
  bool has_more() const override { return !is_all_read_; }
  void read() override;
  void on_read(const result<std::string>& bytes);
  void let_go() override { archive_ = {}; }

  export_request asked_;
  opened_export archive_;
  bool is_all_read_ = false; ///< What is being sent is the last.
};

} // namespace parley
