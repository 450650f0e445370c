// Reads the messages of a thread.
#include <algorithm>

#include "actors/limits.hpp"
#include "actors/rules.hpp"
#include "persistence/queries.hpp"

namespace parley {

namespace {

/// Takes messages of a thread, from one end, until a page is full.
class thread_walk {
public:
  thread_walk(const row_reader& rows, const get_thread& what, const user_id& reader)
      : rows_(rows), what_(what), reader_(reader), limit_(rules::page_limit(what.limit)) {}

  /// False when it does not fit any more.
  result<bool> take(sequence seq) {
    auto visible = rows_.is_hidden(what_.conversation, seq, reader_);
    if (!visible)
      return visible.error();
    if (*visible)
      return true;
    auto event = rows_.required_event(what_.conversation, seq);
    if (!event)
      return event.error();
    auto shown = read_restated(rows_, what_.conversation, seq, event->event, reader_);
    if (!shown)
      return shown.error();
    if (!page_.events.empty() &&
        (page_.events.size() == limit_ || bytes_ + shown->size() > limits::page_bytes))
      return false;
    bytes_ += shown->size();
    page_.events.push_back({seq, std::move(*shown)});
    return true;
  }

  event_page& page() noexcept { return page_; }

private:
  const row_reader& rows_;
  const get_thread& what_;
  const user_id& reader_;
  std::size_t limit_;
  std::size_t bytes_ = 0;
  event_page page_;
};

} // namespace

// Newest first, unless it goes on behind a number.
result<event_page> read_thread_page(const row_reader& rows, const get_thread& what,
                                    const user_id& reader) {
  const sequence thread{what.message};
  auto known = read_message(rows, what.conversation, {thread, reader, {}});
  if (!known)
    return known.error();
  if (!*known || (*known)->hidden)
    return failure{error_code::not_found, "no such message", {}};
  const std::string prefix = event_key(what.conversation, thread);
  const bool rises = what.after.has_value();
  thread_walk walk{rows, what, reader};
  cursor at = rows.rows(model_table::replies);
  bool more = rises ? at.seek(reply_key(what.conversation, thread, sequence{*what.after}.next()))
                    : at.seek_before(reply_key(what.conversation, thread,
                                               sequence{what.before.value_or(UINT64_MAX)}));
  for (; more && at.key().starts_with(prefix); more = rises ? at.next() : at.previous()) {
    const auto place = split_reply_key(at.key());
    if (!place)
      return failure{error_code::internal,
                     describe_row(model_table::replies, at.key()) + " has a bad key",
                     {}};
    auto taken = walk.take(place->seq);
    if (!taken)
      return taken.error();
    walk.page().more = !*taken;
    if (!*taken)
      break;
  }
  if (at.error())
    return *at.error();
  if (!rises)
    std::reverse(walk.page().events.begin(), walk.page().events.end());
  return std::move(walk.page());
}

} // namespace parley
