// Whoever asks while somebody looks waits for the same.
#include "transport/main_census.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <nlohmann/json.hpp>

#include "actors/limits_of_requests.hpp"

namespace parley {

namespace {

std::string_view name_of(conversation_measure by) {
  switch (by) {
  case conversation_measure::members:
    return "members";
  case conversation_measure::events:
    return "events";
  case conversation_measure::messages:
    break;
  }
  return "messages";
}

} // namespace

void conversation_census::ask(conversation_measure by, std::size_t most, told<std::string> to) {
  std::shared_ptr<const findings> known;
  {
    const std::lock_guard guard{lock_};
    look& at = looks_[static_cast<std::size_t>(by)];
    const instant now = std::chrono::steady_clock::now();
    if (at.last && now - at.last->when < limits::measures_told_again) {
      known = at.last;
    } else {
      at.waiting.push_back({most, std::move(to)});
      if (at.waiting.size() > 1)
        return;
    }
  }
  if (known)
    return to(print(*known, by, most));
  own_->run([self = shared_from_this(), by,
             work = std::make_shared<largest_conversations>(by, limits::shown_to_operators)] {
    self->go_on(by, work);
  });
}

void conversation_census::go_on(conversation_measure by,
                                const std::shared_ptr<largest_conversations>& work) {
  const auto more = look_at_some(*work);
  if (!more)
    return finish(by, more.error());
  if (*more)
    return own_->run([self = shared_from_this(), by, work] { self->go_on(by, work); });
  auto found = std::make_shared<findings>();
  found->when = std::chrono::steady_clock::now();
  found->at = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  found->conversations = work->seen();
  found->largest = work->take();
  finish(by, std::shared_ptr<const findings>{std::move(found)});
}

result<bool> conversation_census::look_at_some(largest_conversations& work) const {
  auto view = model_->tables()->read();
  if (!view)
    return view.error();
  return work.go_on(row_reader{*view});
}

void conversation_census::finish(conversation_measure by,
                                 result<std::shared_ptr<const findings>> found) {
  std::vector<waiting_one> waiting;
  {
    const std::lock_guard guard{lock_};
    look& at = looks_[static_cast<std::size_t>(by)];
    if (found)
      at.last = *found;
    waiting.swap(at.waiting);
  }
  for (const auto& each : waiting)
    each.to(found ? result<std::string>{print(**found, by, each.most)} : found.error());
}

std::string conversation_census::print(const findings& what, conversation_measure by,
                                       std::size_t most) {
  auto items = nlohmann::json::array();
  for (std::size_t i = 0; i < std::min(most, what.largest.size()); ++i) {
    const sized_conversation& each = what.largest[i];
    nlohmann::json one{{"conversation", each.conversation.str()},
                       {"kind", to_string(each.kind)},
                       {"messages", each.messages},
                       {"members", each.members},
                       {"events", each.events},
                       {"created_at", to_wire(each.created_at)}};
    if (!each.title.empty())
      one["title"] = each.title;
    if (each.frozen)
      one["frozen"] = true;
    items.push_back(std::move(one));
  }
  const nlohmann::json told{{"type", "largest"},
                            {"by", name_of(by)},
                            {"at", to_wire(what.at)},
                            {"conversations", what.conversations},
                            {"items", std::move(items)}};
  return told.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace parley
