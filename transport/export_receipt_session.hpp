// A socket whose request is about the receipts of exports.
#pragma once

#include <string>
#include <vector>

#include "actors/export_desk.hpp"
#include "transport/answering_session.hpp"

namespace parley {

/// Asks, and answers.
class export_receipt_session final : public answering_session {
public:
  /// `received` is what came behind the request.
  export_receipt_session(shard& on, std::uint64_t key, link_ptr link, export_receipt_request asked,
                         std::string received);

private:
  void begin() override;
  void on_found(const result<std::string>& receipt);
  void on_listed(const result<std::vector<std::string>>& receipts);

  export_receipt_request asked_;
};

} // namespace parley
