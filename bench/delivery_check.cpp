// Counting by number: a stream that rises by one from a known start cannot miss or repeat anything.
#include "bench/delivery_check.hpp"

#include <algorithm>

namespace parley::bench {

std::size_t DeliveryCheck::add_conversation(std::string id, std::uint64_t head) {
  conversations_.push_back({std::move(id), head, head, 0, 0, 0});
  return conversations_.size() - 1;
}

void DeliveryCheck::follow(std::size_t connection, std::size_t conversation) {
  ++conversations_[conversation].followers;
  places_[connection] = {conversation, conversations_[conversation].head};
}

void DeliveryCheck::acknowledged(const Connection& connection, const Envelope& sent) {
  Conversation& conversation = conversations_[places_[connection.index()].conversation];
  if (by_ref_)
    ++conversation.head;
  else if (sent.conversation != conversation.id || sent.seq == 0)
    connection.fail_here("`sent` for conversation ", sent.conversation, " seq ", sent.seq,
                         ", expected one of ", conversation.id);
  conversation.head = std::max(conversation.head, sent.seq);
  ++conversation.acknowledged;
  expected_ += conversation.followers;
}

void DeliveryCheck::received(const Connection& connection, const Envelope& event) {
  if (event.type != "message") {
    if (is_numbered_event(event.type))
      refuse(connection, event);
    return;
  }
  if (by_ref_)
    return received_by_ref(connection, event);
  Place& place = places_[connection.index()];
  if (event.seq != place.last_seq + 1 ||
      event.conversation != conversations_[place.conversation].id)
    refuse(connection, event);
  ++place.last_seq;
  ++deliveries_;
}

void DeliveryCheck::left_out(const Connection& connection, const Envelope& gap) {
  Place& place = places_[connection.index()];
  const auto& id = conversations_[place.conversation].id;
  if (gap.first != place.last_seq + 1 || gap.last < gap.first || gap.conversation != id)
    connection.fail_here("got a `gap` in ", gap.conversation, " from ", gap.first, " to ", gap.last,
                         ", where ", id, " seq ", place.last_seq + 1, " was next");
  left_out_ += gap.last - place.last_seq;
  place.last_seq = gap.last;
}

void DeliveryCheck::number(const Connection& connection, std::uint64_t ref) {
  number_of_ref_.resize(ref + 1);
  number_of_ref_[ref] =
      static_cast<std::uint32_t>(++conversations_[places_[connection.index()].conversation].sent);
}

void DeliveryCheck::received_by_ref(const Connection& connection, const Envelope& message) {
  Place& place = places_[connection.index()];
  auto& early = early_[connection.index()];
  const std::uint64_t number =
      message.ref < number_of_ref_.size() ? number_of_ref_[message.ref] : 0;
  if (number <= place.last_seq || early.contains(number) ||
      message.conversation != conversations_[place.conversation].id)
    connection.fail_here("got the message of ref ", message.ref, " in ", message.conversation,
                         ", which was not sent there or has been delivered before");
  ++deliveries_;
  if (number != place.last_seq + 1) {
    early.insert(number);
    return;
  }
  ++place.last_seq;
  while (early.erase(place.last_seq + 1) > 0)
    ++place.last_seq;
}

void DeliveryCheck::refuse(const Connection& connection, const Envelope& event) const {
  const Place& place = places_[connection.index()];
  connection.fail_here("got `", event.type, "` ", event.conversation, " seq ", event.seq,
                       ", expected `message` ", conversations_[place.conversation].id, " seq ",
                       place.last_seq + 1);
}

void DeliveryCheck::verify() const {
  for (const auto& conversation : conversations_)
    if (conversation.head != conversation.head_at_start + conversation.acknowledged)
      fail("conversation ", conversation.id, " went from seq ", conversation.head_at_start, " to ",
           conversation.head, " with ", conversation.acknowledged, " acknowledged messages");
  for (std::size_t i = 0; i < places_.size(); ++i)
    if (places_[i].last_seq != conversations_[places_[i].conversation].head)
      fail("connection ", i, " stands at seq ", places_[i].last_seq, ", its conversation at ",
           conversations_[places_[i].conversation].head);
}

} // namespace parley::bench
