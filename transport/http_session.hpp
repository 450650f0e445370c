// A socket that speaks HTTP: one small request after another, until it becomes a WebSocket or ends.
#pragma once

#include <string>

#include "transport/http_rules.hpp"
#include "transport/tcp_link.hpp"

namespace parley {

class shard;

/// Receives the head of a request, which must be there within a deadline that no trickle of bytes
/// extends. What is not answered at once is handed over, with its body, and comes back.
class http_session final : public socket_session {
public:
  /// `received` came already, behind a request that somebody else answered.
  http_session(shard& on, std::uint64_t key, link_ptr link, std::string received = {});
  ~http_session() override;

  void on_readable() override;
  void on_writable() override {
    if (write())
      serve();
  }
  void on_deadline(instant now) override;
  void flush(instant) override { serve(); }
  void drain(instant now) override;

private:
  void serve();
  bool serve_one();
  const http_answer& counted(const http_answer& what) const;
  void answer(const http_answer& what, std::string_view method);
  void become_websocket(const upgrade& chosen);
  // False when this is no HTTP socket any more, or nothing more is served now.
  bool carry_out(const http_answer& what, const http_request& asked, const std::string& head);
  bool carry_out(const metrics_question& what, const http_request& asked, const std::string& head);
  bool carry_out(const upgrade& what, const http_request& asked, const std::string& head);
  bool carry_out(file_upload& what, const http_request& asked, const std::string& head);
  bool carry_out(file_download& what, const http_request& asked, const std::string& head);
  bool carry_out(export_request& what, const http_request& asked, const std::string& head);
  bool carry_out(export_receipt_request& what, const http_request& asked, const std::string& head);
  bool carry_out(erasure_request& what, const http_request& asked, const std::string& head);
  bool carry_out(rest_request& what, const http_request& asked, const std::string& head);
  template <class Session, class Request, class... Rest>
  void become(Request&& asked, Rest&&... rest);
  bool write();
  void end();

  shard& shard_;
  link_ptr link_;
  std::string received_;
  frame_writer writer_;
  bool comes_behind_answer_ = false; ///< What was received did, before this was made.
  bool is_behind_answer_ = false;    ///< The request at hand came with one that was answered.
  instant deadline_;
};

} // namespace parley
