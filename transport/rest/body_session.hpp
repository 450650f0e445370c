// A socket whose request has a small body, which is received before anybody is asked.
#pragma once

#include <string>

#include "transport/file_session.hpp"
#include "transport/http_body.hpp"

namespace parley {

/// Receives the body, within a deadline that no trickle of bytes extends, and hands over.
class body_session final : public file_session {
public:
  /// `received` is what came behind the head.
  body_session(shard& on, std::uint64_t key, link_ptr link, rest_request asked,
               std::string_view head, std::string received);

  void on_readable() override;
  void on_deadline(instant now) override;
  void flush(instant) override { begin(); }
  void drain(instant now) override;

private:
  void begin();
  void take(std::string_view received);
  void refuse(http_answer what);
  void on_sent() override;

  rest_request asked_;
  result<identity> who_ = failure{};
  body_reader reader_;
  std::string received_;
  std::string body_;
  bool is_new_ = true;
  instant deadline_;
};

} // namespace parley
