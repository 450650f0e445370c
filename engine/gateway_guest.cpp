// A cursor covers what was told before it.
#include "engine/gateway_guest.hpp"

#include <iterator>
#include <type_traits>
#include <utility>

#include "engine/packed_map.hpp"

namespace parley {

namespace {

gateway::event start_of(const events::numbered& what, const char* type, const user_id& user) {
  gateway::event made;
  made.conversation = what.conversation.str();
  made.seq = what.seq.value();
  made.at = what.at.time_since_epoch().count();
  made.type = type;
  made.user = user.str();
  return made;
}

gateway::event with_body(gateway::event made, const std::string& body) {
  made.body = body;
  return made;
}

gateway::event retold(const events::message& what) {
  return with_body(start_of(what, "message", what.from), what.body);
}
gateway::event retold(const events::joined& what) { return start_of(what, "joined", what.by); }
gateway::event retold(const events::left& what) { return start_of(what, "left", what.user); }
gateway::event retold(const events::changed& what) { return start_of(what, "changed", what.by); }
gateway::event retold(const events::invited& what) { return start_of(what, "invited", what.by); }
gateway::event retold(const events::uninvited& what) {
  return start_of(what, "uninvited", what.user);
}
gateway::event retold(const events::edited& what) {
  return with_body(start_of(what, "edited", what.by), what.body);
}
gateway::event retold(const events::erased& what) { return start_of(what, "deleted", what.by); }
gateway::event retold(const events::reaction& what) {
  return with_body(start_of(what, "reaction", what.user), what.emoji);
}
gateway::event retold(const events::pinned& what) { return start_of(what, "pinned", what.by); }
gateway::event retold(const events::conversation_deleted& what) {
  return start_of(what, "deleted", what.by);
}
gateway::event retold(const events::other& what) {
  gateway::event made;
  std::string_view bytes = what.msgpack;
  if (const auto map = packed_map::take(bytes)) {
    made.conversation = map->text("conversation");
    made.seq = map->number("seq");
  }
  made.type = what.type;
  return made;
}
gateway::event retold(const events::gap& what) {
  gateway::event made;
  made.conversation = what.conversation.str();
  made.from = what.from.value();
  made.seq = what.to.value();
  made.type = "gap";
  return made;
}

} // namespace

gateway::event to_gateway(const events::listed& what) {
  return std::visit([](const auto& each) { return retold(each); }, what);
}

std::optional<gateway::event> to_gateway(const event& what) {
  return std::visit(
      [](const auto& each) -> std::optional<gateway::event> {
        using kind = std::remove_cvref_t<decltype(each)>;
        if constexpr (std::is_base_of_v<events::numbered, kind> ||
                      std::is_same_v<kind, events::gap>)
          return retold(each);
        else
          return std::nullopt;
      },
      what);
}

void fetch_buffer::begin(std::string since) {
  *this = {};
  up_to_ = since;
  since_ = std::move(since);
}

void fetch_buffer::give_up() {
  *this = {};
  is_given_up_ = true;
}

bool fetch_buffer::goes_on_from(const std::string& cursor) {
  if (is_given_up_)
    return false;
  if (!answered_ || cursor != *answered_)
    return cursor == since_;
  since_ = *answered_;
  covered_.erase(covered_.begin(), covered_.begin() + static_cast<std::ptrdiff_t>(answered_count_));
  answered_.reset();
  answered_count_ = 0;
  is_reset_ = false;
  is_new_ = false;
  return true;
}

gateway::fetched fetch_buffer::answer() {
  answered_ = up_to_;
  answered_count_ = covered_.size();
  return {{}, covered_, up_to_, is_reset_};
}

void fetch_buffer::take(const event& what) {
  if (is_given_up_)
    return;
  if (auto told_of = to_gateway(what))
    return uncovered_.push_back(std::move(*told_of));
  if (const auto* at = std::get_if<events::checkpoint>(&what))
    return cover(at->cursor);
  if (const auto* at = std::get_if<events::synced>(&what))
    return cover(at->cursor);
  if (const auto* at = std::get_if<events::welcome>(&what); at != nullptr && since_.empty()) {
    is_new_ = true;
    return cover(at->cursor);
  }
  if (const auto* at = std::get_if<events::reset>(&what)) {
    covered_.clear();
    uncovered_.clear();
    answered_.reset();
    answered_count_ = 0;
    is_reset_ = true;
    cover(at->cursor);
  }
}

void fetch_buffer::cover(const std::string& cursor) {
  covered_.insert(covered_.end(), std::make_move_iterator(uncovered_.begin()),
                  std::make_move_iterator(uncovered_.end()));
  uncovered_.clear();
  up_to_ = cursor;
}

} // namespace parley
