// CAF on one side, Asio on the other.
#include "transport/bridge.hpp"

#include <utility>

#include <boost/asio/post.hpp>

#include "transport/shard.hpp"

namespace parley {

bridge::bridge(caf::actor_system& system, shard& to) : shard_(to), guest_(system) {
  shard_state& state = shard_.state();
  guest_.behave(
      [&state](const committed& message) { state.commit(message.batch, shard::now()); },
      [&state](answer& message) { state.answered(std::move(message), shard::now()); },
      [&state](const admit& message) { state.admit(message); },
      [&state](const refuse& message) { state.refused(message, shard::now()); },
      [this](const renew& message) { shard_.renewed(message.session, message.expires_at); },
      [&state](const caught_up& message) { state.caught_up(message, shard::now()); },
      [&state](const whispered& message) { state.whispered(message, shard::now()); },
      [&state](const presence_told& message) { state.presence_told(message, shard::now()); },
      [&state](const session_ended& message) { state.session_ended(message, shard::now()); },
      [&state](const user_ended& message) { state.user_ended(message, shard::now()); },
      [this](const throttle& message) { shard_.throttle(message.on); },
      [this](const struct drain&) { shard_.drain({}); });
  guest_.on_mail([this](guest_actor::mail what) { on_mail(std::move(what)); });
}

bridge::~bridge() { guest_.end(); }

void bridge::on_mail(guest_actor::mail what) {
  bool first = false;
  {
    const std::lock_guard guard{lock_};
    first = inbox_.empty();
    inbox_.push_back(std::move(what));
  }
  if (first)
    boost::asio::post(shard_.io(), [this] { hand_over(); });
}

void bridge::hand_over() {
  std::vector<guest_actor::mail> all;
  {
    const std::lock_guard guard{lock_};
    all.swap(inbox_);
  }
  for (auto& each : all)
    guest_.handle(each);
}

} // namespace parley
