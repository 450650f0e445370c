// Waits for the engine's answer on the door's thread.
#include "transport/main_erasures.hpp"

#include <chrono>
#include <future>
#include <memory>
#include <string_view>

#include "actors/erasure_desk.hpp"
#include "transport/codec.hpp"

namespace parley {

namespace {

/// The engine answers within a commit, or not at all.
constexpr std::chrono::seconds engine_patience{20};

using promised_erasure = std::promise<result<user_erasure>>;

result<user_erasure> ask_desk(const context_ptr& context, std::string_view command,
                              const std::shared_ptr<promised_erasure>& promised) {
  const auto told = [promised](const result<user_erasure>& what) { promised->set_value(what); };
  erasure_desk desk{context};
  const auto space = command.find(' ');
  const std::string rest{command.substr(std::min(space + 1, command.size()))};
  if (command.starts_with("erasure ")) {
    desk.find(rest, told);
  } else {
    const auto next = rest.find(' ');
    const auto policy = policy_of(rest.substr(0, next));
    if (!policy || next == std::string::npos)
      return failure{error_code::bad_request, "that is no policy", {}};
    desk.begin(user_id{rest.substr(next + 1)}, *policy, told);
  }
  auto answered = promised->get_future();
  if (answered.wait_for(engine_patience) != std::future_status::ready)
    return failure{error_code::unavailable, "the server does not answer", {}};
  return answered.get();
}

} // namespace

void serve_erasure(const context_ptr& context, const std::string& command, control_line& with) {
  const auto told = ask_desk(context, command, std::make_shared<promised_erasure>());
  with.write(told ? "done " + to_json(encode_user_erasure(*told))
                  : "failed " + told.error().message);
}

} // namespace parley
