// What there is of one conversation, for who asks.
#include <algorithm>
#include <utility>
#include <vector>

#include "actors/encoding.hpp"
#include "actors/limits_of_exports.hpp"
#include "persistence/blocks_around.hpp"
#include "persistence/event_facts.hpp"
#include "persistence/exports/export_steps.hpp"
#include "persistence/packed.hpp"
#include "persistence/queries.hpp"

namespace parley {

namespace {

failure no_such_conversation() { return {error_code::not_found, "no such conversation", {}}; }

/// A conversation that is there, and from which number on it is shown.
struct shown_conversation {
  conversation_row row;
  sequence from;
};

/// Nothing for whoever may not read it.
result<std::optional<shown_conversation>> shown_to(const row_reader& rows,
                                                   const conversation_id& conversation,
                                                   const std::optional<user_id>& reader) {
  auto row = rows.conversation(conversation);
  if (!row)
    return row.error();
  if (!*row || (*row)->deleted)
    return std::optional<shown_conversation>{};
  shown_conversation shown{std::move(**row), sequence{1}};
  if (reader) {
    auto member = rows.member(conversation, *reader);
    if (!member)
      return member.error();
    if (!*member)
      return std::optional<shown_conversation>{};
    shown.from = std::max(shown.from, (*member)->sees_from);
  }
  return std::optional{std::move(shown)};
}

/// What the parts of a conversation have in common: each portion asks anew whether it may be read.
class conversation_step : public export_step {
public:
  conversation_step(conversation_id conversation, export_scope scope, std::string folder)
      : conversation_(std::move(conversation)), scope_(std::move(scope)),
        folder_(std::move(folder)) {}

  result<bool> go_on(const row_reader& rows, export_entries& into) final {
    auto shown = shown_to(rows, conversation_, scope_.reader);
    if (!shown)
      return shown.error();
    if (!*shown && !scope_.of_user)
      return no_such_conversation();
    auto more = *shown ? read(rows, **shown, into) : result<bool>{false};
    if (more && !*more)
      finish(into);
    return more;
  }

protected:
  virtual result<bool> read(const row_reader& rows, const shown_conversation& in,
                            export_entries& into) = 0;
  /// There is no more of this part.
  virtual void finish(export_entries&) {}

  const conversation_id& conversation() const noexcept { return conversation_; }
  const export_scope& scope() const noexcept { return scope_; }
  std::string place(std::string_view name) const { return folder_ + std::string(name); }

private:
  conversation_id conversation_;
  export_scope scope_;
  std::string folder_;
};

// --- Settings ------------------------------------------------------------------------------------

class settings_step final : public conversation_step {
  using conversation_step::conversation_step;

  result<bool> read(const row_reader& rows, const shown_conversation& in,
                    export_entries& into) override {
    conversation_facts facts;
    facts.conversation = conversation();
    facts.kind = in.row.kind;
    facts.title = in.row.title;
    facts.meta = in.row.meta;
    auto members = read_members(rows, conversation(), limits::members_shown);
    if (!members)
      return members.error();
    for (const auto& each : *members)
      facts.members.push_back({each.user, each.as});
    facts.member_count = in.row.members;
    facts.seq = in.row.head;
    facts.created_at = in.row.created_at;
    facts.moderated = in.row.moderated;
    map_writer map;
    map.fields(conversation_fields(facts)).text("creator", in.row.creator.str());
    into.document(place("conversation.json"), std::move(map).take());
    if (!scope().of_user)
      return false;
    auto kept = rows.preferences_of(*scope().reader, conversation());
    if (!kept)
      return kept.error();
    if (*kept)
      into.document(place("settings.json"), encode_preferences(conversation(), (*kept)->kept));
    return false;
  }
};

// --- Members and receipts ------------------------------------------------------------------------

/// Rows of one table of a conversation, a portion at a time.
class rows_step : public conversation_step {
  using conversation_step::conversation_step;

protected:
  template <class See>
  result<bool> walk(const row_reader& rows, model_table table, const std::string& prefix,
                    See&& see) {
    cursor at = rows.rows(table);
    bool more = at.seek(last_.empty() ? prefix : last_);
    if (more && at.key() == last_)
      more = at.next();
    for (std::size_t seen = 0; more && at.key().starts_with(prefix); more = at.next()) {
      if (seen++ == limits::export_rows)
        return true;
      if (auto done = see(std::string(at.key().substr(prefix.size())), at.key(), at.value()); !done)
        return done.error();
      last_ = at.key();
    }
    if (at.error())
      return *at.error();
    return false;
  }

private:
  std::string last_;
};

class members_step final : public rows_step {
  using rows_step::rows_step;

  result<bool> read(const row_reader& rows, const shown_conversation&,
                    export_entries& into) override {
    return walk(rows, model_table::members, member_prefix(conversation()),
                [&](const std::string& user, std::string_view key, std::string_view value) {
                  auto row = decode_member(key, value);
                  if (!row)
                    return outcome{row.error()};
                  map_writer map;
                  map.text("user", user).text("role", to_string(row->as));
                  map.time("joined", row->joined_at).number("seq", row->joined_seq.value());
                  into.line(place("members"), std::move(map).take());
                  return success();
                });
  }
};

/// The others' are shown to members as far as they are shown at all; one's own always, and with
/// those of the devices to nobody else.
class receipts_step final : public rows_step {
  using rows_step::rows_step;

  void add(const std::string& user, const receipt_row& row, export_entries& into) {
    const bool is_own = scope().reader && user == scope().reader->str();
    const bool shows_all = is_own || !scope().reader;
    map_writer map;
    map.text("user", user).number("delivered", row.now.delivered.value());
    map.number("read", (shows_all ? row.now.read : row.now.shown).value());
    if ((shows_all ? row.moved : row.told).value() > 0)
      map.time("at", shows_all ? row.moved_at : row.told_at);
    if (scope().of_user && !row.devices.empty())
      map.encoded("devices", encode_device_cursors(row.devices));
    into.line(place("receipts"), std::move(map).take());
    ++into.counts.receipts;
  }

  result<bool> read(const row_reader& rows, const shown_conversation& in,
                    export_entries& into) override {
    if (scope().reader && (scope().of_user || in.row.members > limits::receipt_audience)) {
      auto mine = rows.receipt_of(conversation(), *scope().reader);
      if (!mine)
        return mine.error();
      if (*mine)
        add(scope().reader->str(), **mine, into);
      return false;
    }
    std::optional<blocks_around> blocks;
    if (scope().reader)
      blocks.emplace(rows, *scope().reader);
    return walk(rows, model_table::receipts, receipt_prefix(conversation()),
                [&](const std::string& user, std::string_view key, std::string_view value) {
                  auto row = decode_receipt(key, value);
                  if (!row)
                    return outcome{row.error()};
                  auto apart = blocks ? blocks->stand_before(user_id{user}) : result<bool>{false};
                  if (!apart)
                    return outcome{apart.error()};
                  if (!*apart)
                    add(user, *row, into);
                  return success();
                });
  }
};

// --- Events --------------------------------------------------------------------------------------

/// As they were delivered, in order; what was deleted since is a tombstone by now.
class events_step final : public conversation_step {
  using conversation_step::conversation_step;

  result<bool> read(const row_reader& rows, const shown_conversation& in,
                    export_entries& into) override {
    next_ = std::max({next_, in.from, first_kept(in.row)});
    std::size_t bytes = 0;
    for (std::size_t seen = 0; next_ <= in.row.head; ++seen, next_ = next_.next()) {
      if (seen == limits::export_rows || bytes >= limits::export_read_bytes)
        return true;
      auto event = rows.required_event(conversation(), next_);
      if (!event)
        return event.error();
      if (event->at > scope().until)
        return false;
      auto taken = take(rows, in, *event, into);
      if (!taken)
        return taken.error();
      bytes += event->event.size();
    }
    return false;
  }

  outcome take(const row_reader& rows, const shown_conversation& in, const event_row& row,
               export_entries& into) {
    const auto facts = facts_of(row.event);
    if (!facts)
      return failure{error_code::internal,
                     describe_row(model_table::events, event_key(conversation(), next_)) +
                         " cannot be read",
                     {}};
    const bool is_message = row.kind == record_kind::message;
    if (scope().reader && (is_message || row.kind == record_kind::edited)) {
      auto shown =
          is_shown(rows, in, is_message ? next_ : sequence{facts->message}, is_message, into);
      if (!shown)
        return shown.error();
      if (!*shown)
        return success();
    }
    into.line(place("events"), row.event);
    ++into.counts.events;
    has_.first = has_.last.value() == 0 ? next_ : has_.first;
    has_.last = next_;
    if (!is_message)
      return success();
    ++has_.messages;
    for (const auto& each : facts->files)
      if (auto added = add_file(rows, in, each, into); !added)
        return added;
    return scope().of_user ? add_thread_read(rows, into) : success();
  }

  /// A message that the reader has hidden is not, nor one from before they may see anything.
  result<bool> is_shown(const row_reader& rows, const shown_conversation& in, sequence message,
                        bool is_first, export_entries& into) {
    if (message < in.from)
      return false;
    if (in.row.hidden == 0)
      return true;
    auto hidden = rows.is_hidden(conversation(), message, *scope().reader);
    if (!hidden)
      return hidden;
    if (*hidden && is_first && scope().of_user)
      into.line(place("hidden"), encode_hidden(conversation(), message));
    return !*hidden;
  }

  outcome add_thread_read(const row_reader& rows, export_entries& into) {
    auto read = rows.thread_read(hidden_key(conversation(), next_, *scope().reader));
    if (!read)
      return read.error();
    if (read->value() > 0)
      into.line(place("threads"), encode_thread_read(conversation(), next_, *read));
    return success();
  }

  /// Once, with the first message that the reader sees it in.
  outcome add_file(const row_reader& rows, const shown_conversation& in, const file_id& file,
                   export_entries& into) {
    if (!is_file_id(file.str()))
      return success();
    auto row = rows.file(file);
    if (!row)
      return row.error();
    auto uses =
        *row ? shown_uses(rows, in, file) : result<std::vector<sequence>>{std::vector<sequence>{}};
    if (!uses)
      return uses.error();
    if (uses->empty() || uses->front() != next_)
      return success();
    packed_writer messages;
    messages.array(uses->size());
    for (const sequence each : *uses)
      messages.number(each.value());
    into.file(place("files/" + file.str()), file);
    into.line(place("files"), encode_exported_file(**row, std::move(messages).take()));
    ++into.counts.files;
    return success();
  }

  result<std::vector<sequence>> shown_uses(const row_reader& rows, const shown_conversation& in,
                                           const file_id& file) const {
    std::vector<sequence> uses;
    const std::string prefix = file.str() + event_prefix(conversation());
    cursor at = rows.rows(model_table::file_uses);
    for (bool more = at.seek(prefix); more && at.key().starts_with(prefix); more = at.next()) {
      const auto use = split_file_use_key(at.key());
      if (!use || use->message < in.from)
        continue;
      auto hidden = scope().reader && in.row.hidden > 0
                        ? rows.is_hidden(conversation(), use->message, *scope().reader)
                        : result<bool>{false};
      if (!hidden)
        return hidden.error();
      if (!*hidden)
        uses.push_back(use->message);
    }
    if (at.error())
      return *at.error();
    return uses;
  }

  void finish(export_entries& into) override {
    has_.conversation = conversation();
    into.range(has_);
  }

  sequence next_;
  export_range has_;
};

} // namespace

outcome may_export(const row_reader& rows, const conversation_id& conversation,
                   const std::optional<user_id>& reader) {
  auto shown = shown_to(rows, conversation, reader);
  if (!shown)
    return shown.error();
  return *shown ? success() : outcome{no_such_conversation()};
}

void add_conversation_steps(export_steps& to, const conversation_id& conversation,
                            const export_scope& scope, const std::string& folder) {
  to.push_back(std::make_unique<settings_step>(conversation, scope, folder));
  if (!scope.of_user)
    to.push_back(std::make_unique<members_step>(conversation, scope, folder));
  to.push_back(std::make_unique<events_step>(conversation, scope, folder));
  to.push_back(std::make_unique<receipts_step>(conversation, scope, folder));
  if (!folder.empty())
    to.push_back(export_at_once([folder](const row_reader&, export_entries& into) {
      into.end(folder);
      return success();
    }));
}

} // namespace parley
