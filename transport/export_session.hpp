// A socket whose request's answer is an archive.
#pragma once

#include <memory>
#include <string>

#include "actors/export_desk.hpp"
#include "transport/file_session.hpp"

namespace parley {

/// Reads a portion, sends it, and only then reads the next one: nothing is made ahead of a reader.
class export_session final : public file_session {
public:
  /// `received` is what came behind the request.
  export_session(shard& on, std::uint64_t key, link_ptr link, export_request asked,
                 std::string received);

  void on_readable() override {}
  void on_deadline(instant now) override;
  void flush(instant) override { begin(); }
  void drain(instant now) override;

private:
  void begin();
  void on_opened(const result<opened_export>& opened);
  void read();
  void on_read(const result<std::string>& bytes);
  void refuse(const failure& why);
  void on_sent() override;
  void let_go() override;
  void set_deadline();

  export_request asked_;
  std::string received_;
  std::shared_ptr<export_session*> me_ = std::make_shared<export_session*>(this);
  opened_export archive_;
  instant ends_by_ = instant::max();
  bool is_new_ = true;
  bool is_sending_ = false;  ///< Bytes are on their way; else more are being read.
  bool is_all_read_ = false; ///< What is being sent is the last.
  instant deadline_{};
};

} // namespace parley
