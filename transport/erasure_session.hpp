// A socket whose request erases a user, or asks what has become of that.
#pragma once

#include <memory>
#include <string>

#include "actors/erasure_desk.hpp"
#include "transport/file_session.hpp"

namespace parley {

/// Asks, waits until it is on disk, and answers.
class erasure_session final : public file_session {
public:
  /// `received` is what came behind the request.
  erasure_session(shard& on, std::uint64_t key, link_ptr link, erasure_request asked,
                  std::string received);

  void on_readable() override {}
  void on_deadline(instant now) override;
  void flush(instant) override { begin(); }
  void drain(instant now) override;

private:
  void begin();
  void on_told(const result<user_erasure>& what);
  void refuse(const failure& why);
  void on_sent() override;
  void let_go() override { me_.reset(); }

  erasure_request asked_;
  std::string received_;
  std::shared_ptr<erasure_session*> me_ = std::make_shared<erasure_session*>(this);
  bool is_new_ = true;
  instant deadline_{};
};

} // namespace parley
