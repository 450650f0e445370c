// What somebody wrote in a conversation that they have left: theirs still, when all else is not.
#include <algorithm>
#include <utility>
#include <vector>

#include "actors/limits_of_exports.hpp"
#include "persistence/event_facts.hpp"
#include "persistence/exports/export_steps.hpp"
#include "persistence/packed.hpp"

namespace parley {

namespace {

/// Who put a reaction, or took it back.
std::string_view reacting_user(std::string_view event) {
  packed_reader from{event};
  const std::size_t fields = from.map();
  for (std::size_t i = 0; i < fields && from.ok(); ++i)
    if (from.text() == "user")
      return from.text();
    else
      from.skip();
  return {};
}

/// Of what was deleted nothing is theirs any more.
bool is_by(const event_row& row, const event_facts& facts, const user_id& user) {
  switch (row.kind) {
  case record_kind::message:
    return facts.from == user.str() && facts.body;
  case record_kind::edited:
    return facts.by == user.str() && facts.body;
  case record_kind::reacted:
    return reacting_user(row.event) == user.str();
  default:
    return false;
  }
}

class own_step final : public export_step {
public:
  own_step(conversation_id conversation, export_scope scope, std::string folder,
           const membership_row& mine)
      : conversation_(std::move(conversation)), scope_(std::move(scope)),
        folder_(std::move(folder)), last_(mine.periods.back().left) {
    if (!mine.shortened)
      next_ = mine.periods.front().joined;
    has_.conversation = conversation_;
  }

  result<bool> go_on(const row_reader& rows, export_entries& into) override {
    auto in = rows.conversation(conversation_);
    if (!in)
      return in.error();
    auto more = *in && !(*in)->deleted ? read(rows, **in, into) : result<bool>{false};
    if (more && !*more)
      into.range(has_);
    return more;
  }

private:
  result<bool> read(const row_reader& rows, const conversation_row& in, export_entries& into) {
    next_ = std::max({next_, first_kept(in), sequence{1}});
    std::size_t bytes = 0;
    for (std::size_t seen = 0; next_ <= std::min(last_, in.head); ++seen, next_ = next_.next()) {
      if (seen == limits::export_rows || bytes >= limits::export_read_bytes)
        return true;
      auto event = rows.required_event(conversation_, next_);
      if (!event)
        return event.error();
      if (event->at > scope_.until)
        return false;
      bytes += event->event.size();
      if (auto taken = take(rows, *event, into); !taken)
        return taken.error();
    }
    return false;
  }

  outcome take(const row_reader& rows, const event_row& row, export_entries& into) {
    const auto facts = facts_of(row.event);
    if (!facts)
      return failure{error_code::internal,
                     describe_row(model_table::events, event_key(conversation_, next_)) +
                         " cannot be read",
                     {}};
    if (!is_by(row, *facts, *scope_.reader))
      return success();
    into.line(folder_ + "events", row.event);
    ++into.counts.events;
    has_.first = has_.last.value() == 0 ? next_ : has_.first;
    has_.last = next_;
    if (row.kind != record_kind::message)
      return success();
    ++has_.messages;
    for (const auto& each : facts->files)
      if (auto added = add_file(rows, each, into); !added)
        return added;
    return success();
  }

  /// Once, with their first message that it is in.
  outcome add_file(const row_reader& rows, const file_id& file, export_entries& into) {
    auto row =
        is_file_id(file.str()) ? rows.file(file) : result<std::optional<stored_file>>{std::nullopt};
    if (!row)
      return row.error();
    auto uses =
        *row ? own_uses(rows, file) : result<std::vector<sequence>>{std::vector<sequence>{}};
    if (!uses)
      return uses.error();
    if (uses->empty() || uses->front() != next_)
      return success();
    packed_writer messages;
    messages.array(uses->size());
    for (const sequence each : *uses)
      messages.number(each.value());
    into.file(folder_ + "files/" + file.str(), file);
    into.line(folder_ + "files", encode_exported_file(**row, std::move(messages).take()));
    ++into.counts.files;
    return success();
  }

  result<std::vector<sequence>> own_uses(const row_reader& rows, const file_id& file) const {
    std::vector<sequence> uses;
    const std::string prefix = file.str() + event_prefix(conversation_);
    cursor at = rows.rows(model_table::file_uses);
    for (bool more = at.seek(prefix); more && at.key().starts_with(prefix); more = at.next()) {
      const auto use = split_file_use_key(at.key());
      auto event = use ? rows.event(conversation_, use->message)
                       : result<std::optional<event_row>>{std::nullopt};
      if (!event)
        return event.error();
      const auto facts = *event ? facts_of((*event)->event) : std::nullopt;
      if (!facts || !is_by(**event, *facts, *scope_.reader))
        continue;
      if (uses.empty() && use->message != next_)
        return uses; // it was there with an earlier one
      uses.push_back(use->message);
    }
    if (at.error())
      return *at.error();
    return uses;
  }

  conversation_id conversation_;
  export_scope scope_;
  std::string folder_;
  sequence next_;
  sequence last_;
  export_range has_;
};

} // namespace

void add_own_steps(export_steps& to, const conversation_id& conversation, const export_scope& scope,
                   const std::string& folder, const membership_row& mine) {
  to.push_back(std::make_unique<own_step>(conversation, scope, folder, mine));
  to.push_back(export_at_once([folder](const row_reader&, export_entries& into) {
    into.end(folder);
    return success();
  }));
}

} // namespace parley
