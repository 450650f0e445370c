// Waits for the log's answer on the door's thread.
#include "transport/main_exports.hpp"

#include <chrono>
#include <future>
#include <memory>
#include <utility>

#include "actors/export_receipts.hpp"
#include "persistence/schema_exports.hpp"

namespace parley {

namespace {

/// The log answers within a commit, or not at all.
constexpr std::chrono::seconds log_patience{20};

outcome keep(const context_ptr& context, std::string receipt) {
  if (!export_in(receipt))
    return failure{error_code::bad_request, "that is no receipt", {}};
  const auto promised = std::make_shared<std::promise<outcome>>();
  append what{{}, {}, record_of_export(std::move(receipt), context->wall_clock()), {}};
  what.told = [promised](const outcome& how) { promised->set_value(how); };
  tell_from_outside(context->handles->log_writer, std::move(what));
  auto answered = promised->get_future();
  if (answered.wait_for(log_patience) != std::future_status::ready)
    return failure{error_code::unavailable, "the server does not answer", {}};
  return answered.get();
}

} // namespace

void keep_export(const context_ptr& context, const std::string& receipt, control_line& with) {
  const auto kept = keep(context, from_base64url(receipt));
  with.write(kept ? "done " : "failed " + kept.error().message);
}

} // namespace parley
