// Asks the model who the user is to the messages, and makes hits of them.
#include "persistence/search/search_query.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "actors/limits.hpp"
#include "persistence/event_facts.hpp"
#include "persistence/search/snippet.hpp"

namespace parley {

namespace {

/// Decides on candidates by what became of them since they were sent.
class visible {
public:
  visible(const model_reader& model, const user_id& user, const search_terms& terms,
          const std::vector<conversation_id>& among)
      : model_(model), user_(user), terms_(terms), among_(among.begin(), among.end()) {}

  result<bool> operator()(const searchable_message& message) {
    if (!among_.contains(message.conversation)) // whatever the index thinks
      return false;
    if (terms_.is_unread) {
      auto unread = is_unread(message);
      if (!unread || !*unread)
        return unread;
    }
    auto known = model_.message(message.conversation, {message.seq, user_, {}});
    if (!known)
      return known.error();
    if (!*known || (*known)->erased || (*known)->hidden)
      return false;
    return (!terms_.has_reaction || (*known)->emojis > 0) &&
           (!terms_.is_pinned || (*known)->pinned);
  }

private:
  result<bool> is_unread(const searchable_message& message) {
    auto at = read_.find(message.conversation);
    if (at == read_.end()) {
      auto cursors = model_.cursors(message.conversation, {user_});
      if (!cursors)
        return cursors.error();
      const auto& mine = cursors->front();
      at = read_.emplace(message.conversation, mine ? mine->now.read : sequence{}).first;
    }
    return message.from != user_ && message.seq > at->second;
  }

  const model_reader& model_;
  const user_id& user_;
  const search_terms& terms_;
  std::unordered_set<conversation_id> among_;
  std::unordered_map<conversation_id, sequence> read_;
};

/// Those in which the user may look.
result<std::vector<conversation_id>>
conversations_for(const model_reader& model, const user_id& user, const search_terms& terms) {
  auto known = model.missed(user, {});
  if (!known)
    return known.error();
  if (!terms.in)
    return std::move(known->memberships);
  if (std::find(known->memberships.begin(), known->memberships.end(), *terms.in) ==
      known->memberships.end())
    return failure{error_code::not_found, "no such conversation", {}};
  return std::vector{*terms.in};
}

/// What the store has of a message, which carries checksums; nothing when it is none any more.
result<std::optional<search_hit>> hit_of(const model_reader& model, const user_id& user,
                                         const searchable_message& found,
                                         const search_terms& terms) {
  page_range one;
  one.first = one.last = found.seq;
  one.limit = 1;
  auto page = model.page(found.conversation, one, user);
  if (!page)
    return page.error();
  const auto facts = page->events.empty() ? std::nullopt : facts_of(page->events.front().bytes);
  if (!facts || !facts->body)
    return std::optional<search_hit>{};
  auto shown = snippet_of(*facts->body, terms.with);
  return std::optional{search_hit{found.conversation, found.seq, user_id{std::string(facts->from)},
                                  facts->at, std::move(shown.text), std::move(shown.marks)}};
}

} // namespace

result<search_results> search(search_reader& index, const model_reader& model, const user_id& user,
                              const search_messages& what, position at_least) {
  auto terms = read_terms(what);
  if (!terms)
    return terms.error();
  auto among = conversations_for(model, user, *terms);
  if (!among)
    return among.error();
  const visible decide{model, user, *terms, *among};
  index_question asked{&*terms,  std::move(*among),
                       at_least, what.cursor,
                       0,        what.order.value_or(search_order::newest)};
  asked.limit =
      std::clamp<std::uint64_t>(what.limit.value_or(limits::search_hits), 1, limits::page);
  auto found = index.find(asked, decide);
  if (!found)
    return found.error();
  search_results results;
  results.cursor = std::move(found->cursor);
  results.order = found->order;
  for (const auto& each : found->items) {
    auto hit = hit_of(model, user, each, *terms);
    if (!hit)
      return hit.error();
    if (*hit)
      results.hits.push_back(std::move(**hit));
  }
  return results;
}

} // namespace parley
