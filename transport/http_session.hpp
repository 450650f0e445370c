// A socket that speaks HTTP: one small request after another, until it becomes a WebSocket or ends.
#pragma once

#include <string>

#include "transport/http_rules.hpp"
#include "transport/tcp_link.hpp"

namespace parley {

class shard;

/// Requests here have no body, so a request is its headers; they must be there within a deadline
/// that no trickle of bytes extends. Who sends or wants a file is handed over, and comes back.
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
  void hand_over(file_upload asked, std::string head);
  void hand_over(file_download asked);
  void hand_over(export_request asked);
  void hand_over(erasure_request asked);
  void hand_over(export_receipt_request asked);
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
