// What a conversation decides about pages of its events: from memory, or from the model.
#include <algorithm>

#include "actors/conversation_state.hpp"
#include "actors/encoding.hpp"
#include "actors/rules.hpp"

namespace parley {

namespace {

/// Whether an event of the page is an `edited` one, as encode_edited begins it.
bool has_edits(const event_tail::page& page) {
  constexpr std::string_view type{"\xa4type\xa6"
                                  "edited"};
  return std::any_of(page.events.begin(), page.events.end(), [&](const stored_event& each) {
    return std::string_view{each.bytes}.substr(1, type.size()) == type;
  });
}

} // namespace

verdict conversation_state::decide_on(const asker& who, const member_facts& as, const history& what,
                                      timestamp) {
  auto range = rules::range_of(what, head_, sees_from(as));
  if (!range)
    return say{encode_error(who.ref, range.error())};
  return show_page(who, as, *range, false);
}

verdict conversation_state::decide_on(const asker& who, const member_facts& as,
                                      const sync_events& what, timestamp) {
  return show_page(who, as, rules::range_of(what, head_, sees_from(as)), true);
}

// Nobody is told what an edit says of a message that they do not see, or that is gone: the model
// knows.
verdict conversation_state::show_page(const asker& who, const member_facts& as,
                                      const page_range& range, bool fills_gap) const {
  if (std::holds_alternative<std::monostate>(who.ref))
    return say{}; // a page nobody is told fills no gap either
  page_range as_seen = range;
  as_seen.sees_from = sees_from(as);
  if (!tail_.covers(range))
    return fetch{as_seen, head_, fills_gap,
                 fills_gap ? tail_.last_position() : std::max(tail_.last_position(), hidden_at_)};
  const event_tail::page page = tail_.cut(range);
  const bool may_hide_edits = as_seen.sees_from.value() > 0 && has_edits(page);
  if (may_hide_edits || (!fills_gap && (hides_ || page.restated() || as.sees_from.value() > 0)))
    return fetch{as_seen, head_, fills_gap, last_change_in(page)};
  say answer{encode_page(who.ref, id_, page.events, page.more), fills_gap, {}, {}};
  if (!page.events.empty()) {
    answer.first = fills_gap ? range.pulled_from : page.events.front().seq;
    answer.last = page.events.back().seq;
  } else if (fills_gap && range.first > head_ && range.pulled_from <= head_) {
    answer.first = range.pulled_from; // nothing of it is left
    answer.last = head_;
  }
  return answer;
}

/// The batch that a page which is read from the model must not be older than.
position conversation_state::last_change_in(const event_tail::page& page) const {
  position last = std::max(page.at, hidden_at_);
  for (const auto& each : page.events)
    if (may_be_reply(each.bytes)) // what it answers may have changed in any batch
      return std::max(last_position_, hidden_at_);
    else if (const auto changed = changed_.find(each.seq); changed != changed_.end())
      last = std::max(last, changed->second);
  return last;
}

} // namespace parley
