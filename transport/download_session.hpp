// A socket whose request's answer is a file.
#pragma once

#include <memory>
#include <string>

#include "actors/file_desk.hpp"
#include "transport/answering_session.hpp"

namespace parley {

/// Sends what is asked for of a file, if whoever asks may read it.
class download_session final : public answering_session {
public:
  /// `received` is what came behind the request.
  download_session(shard& on, std::uint64_t key, link_ptr link, file_download asked,
                   std::string received);

private:
  void begin() override;
  void on_opened(const result<download>& opened);
  bool has_more() const override { return left_ > 0; }
  void read() override;
  void on_read(const result<std::string>& bytes);
  void let_go() override;

  file_download asked_;
  std::shared_ptr<const void> place_;
  std::shared_ptr<readable_blob> file_;
  std::uint64_t next_ = 0;
  std::uint64_t left_ = 0;
};

} // namespace parley
