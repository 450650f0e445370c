// A socket whose request's answer is a file.
#pragma once

#include <memory>
#include <string>

#include "actors/file_desk.hpp"
#include "transport/file_session.hpp"

namespace parley {

/// Reads a portion, sends it, and only then reads the next one.
class download_session final : public file_session {
public:
  /// `received` is what came behind the request.
  download_session(shard& on, std::uint64_t key, link_ptr link, file_download asked,
                   std::string received);

  void on_readable() override {}
  void on_deadline(instant now) override;
  void flush(instant) override { begin(); }
  void drain(instant now) override;

private:
  void begin();
  void on_opened(const result<download>& opened);
  void read();
  void on_read(const result<std::string>& bytes);
  void refuse(const failure& why);
  void on_sent() override;
  void let_go() override;
  void set_deadline();

  file_download asked_;
  std::string received_;
  std::shared_ptr<download_session*> me_ = std::make_shared<download_session*>(this);
  std::shared_ptr<const void> place_;
  instant ends_by_ = instant::max();
  std::shared_ptr<readable_blob> file_;
  std::uint64_t next_ = 0;
  std::uint64_t left_ = 0;
  bool is_new_ = true;
  bool is_sending_ = false; ///< The head was sent, or is being sent.
  instant deadline_{};
};

} // namespace parley
