// A socket whose request erases a user, or asks what has become of that.
#pragma once

#include <string>

#include "actors/erasure_desk.hpp"
#include "transport/answering_session.hpp"

namespace parley {

/// Asks, waits until it is on disk, and answers.
class erasure_session final : public answering_session {
public:
  /// `received` is what came behind the request.
  erasure_session(shard& on, std::uint64_t key, link_ptr link, erasure_request asked,
                  std::string received);

private:
  void begin() override;
  void on_told(const result<user_erasure>& what);

  erasure_request asked_;
};

} // namespace parley
