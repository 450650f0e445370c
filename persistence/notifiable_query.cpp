// Reads who has not read what and is to be told.
#include <algorithm>

#include "actors/limits_of_notices.hpp"
#include "actors/quiet_hours.hpp"
#include "persistence/event_facts.hpp"
#include "persistence/put_away.hpp"
#include "persistence/queries.hpp"
#include "persistence/unheard_query.hpp"

namespace parley {

namespace {

class readers_query {
public:
  readers_query(const row_reader& rows, const read_notifiable_question& asked)
      : rows_(rows), asked_(asked) {}

  result<notifiable> run() {
    auto row = rows_.conversation(asked_.conversation);
    if (!row)
      return row.error();
    if (!*row || (*row)->deleted)
      return notifiable{};
    in_ = std::move(**row);
    auto news = is_news();
    if (!news)
      return news.error();
    auto cut_off = is_cut_off();
    if (!cut_off)
      return cut_off.error();
    if (!*news || *cut_off)
      return notifiable{};
    auto looked = in_.members > limits::notified_members ? look_at_named() : look_at_members();
    if (!looked)
      return looked.error();
    return std::move(found_);
  }

private:
  /// How a user wants to be told.
  struct wish {
    bool only_mentions = false;
    bool is_quiet = false;
    position dismissed = {}; ///< All that was told up to here.
  };
  /// What came behind what was read, and behind what is known by now.
  struct comparison {
    sequence read;
    sequence known;
    others_correction news;
    others_correction all;
  };

  /// A message that mentions who is there.
  struct call {
    sequence seq;
    user_id from;
    std::vector<user_id> names;

    bool has(std::string_view name) const {
      return std::any_of(names.begin(), names.end(),
                         [&](const user_id& each) { return each.str() == name; });
    }
  };

  outcome look_at_members() {
    const std::string prefix = member_prefix(asked_.conversation);
    cursor at = rows_.rows(model_table::members);
    bool more = at.seek(asked_.behind ? member_key(asked_.conversation, *asked_.behind) : prefix);
    if (more && asked_.behind && at.key() == member_key(asked_.conversation, *asked_.behind))
      more = at.next();
    std::size_t members = 0;
    for (; more && at.key().starts_with(prefix); more = at.next()) {
      user_id user{std::string(at.key().substr(prefix.size()))};
      if (auto looked = look_at(user); !looked)
        return looked;
      if (++members == limits::members_per_notice) {
        found_.next = std::move(user);
        return success();
      }
    }
    return at.error() ? outcome{*at.error()} : success();
  }

  /// Whom the newest messages name.
  outcome look_at_named() {
    std::vector<user_id> named;
    auto seen = see_newest([&](sequence, const event_facts& facts) {
      if (facts.mentions)
        named.insert(named.end(), facts.mentions->begin(), facts.mentions->end());
      return success();
    });
    if (!seen)
      return seen;
    std::sort(named.begin(), named.end());
    named.erase(std::unique(named.begin(), named.end()), named.end());
    for (const auto& user : named) {
      auto member = rows_.member(asked_.conversation, user);
      if (!member)
        return member.error();
      if (!*member) // `@all` is nobody's name
        continue;
      if (auto looked = look_at(user, true); !looked)
        return looked;
    }
    return success();
  }

  /// The newest messages, from the last one on.
  template <class See>
  outcome see_newest(See&& see) {
    std::size_t messages = 0;
    for (std::uint64_t seq = asked_.last.value();
         seq >= first_kept(in_).value() && asked_.last.value() - seq < limits::events_looked_at;
         --seq) {
      auto event = rows_.required_event(asked_.conversation, sequence{seq});
      if (!event)
        return event.error();
      if (event->kind != record_kind::message)
        continue;
      if (++messages > limits::names_looked_at)
        break;
      if (const auto facts = facts_of(event->event))
        if (auto seen = see(sequence{seq}, *facts); !seen)
          return seen;
    }
    return success();
  }

  /// Those of them that mention who is there, and not everyone.
  outcome find_calls() {
    calls_.emplace();
    return see_newest([&](sequence seq, const event_facts& facts) -> outcome {
      auto row = rows_.message(asked_.conversation, seq);
      if (!row)
        return row.error();
      call found{seq, user_id{std::string(facts.from)},
                 facts.mentions.value_or(std::vector<user_id>{})};
      if (*row && (*row)->mentioning)
        found.names = *(*row)->mentioning;
      const bool is_erased = *row && (*row)->erased;
      if (!is_erased && found.has("@here") && !found.has("@all"))
        calls_->push_back(std::move(found));
      return success();
    });
  }

  /// How many of what mentions the user behind a number only calls those who are there: whoever is
  /// looked at is not.
  result<std::int64_t> calls_behind(const user_id& user, sequence behind) {
    if (!calls_)
      if (auto found = find_calls(); !found)
        return found.error();
    std::int64_t calls = 0;
    for (const auto& each : *calls_) {
      const bool is_heard =
          !std::binary_search(blocked_.users.begin(), blocked_.users.end(), each.from);
      if (each.seq <= behind || each.from == user || each.has(user.str()) || !is_heard)
        continue;
      auto hidden = in_.hidden > 0 ? rows_.is_hidden(asked_.conversation, each.seq, user)
                                   : result<bool>{false};
      if (!hidden)
        return hidden.error();
      calls += *hidden ? 0 : 1;
    }
    return calls;
  }

  outcome look_at(const user_id& user, bool only_named = false) {
    auto kept = rows_.preferences_of(user, asked_.conversation);
    if (!kept)
      return kept.error();
    auto tuned = rows_.tuning_of(user);
    if (!tuned)
      return tuned.error();
    const preference_row row = kept->value_or(preference_row{});
    const preferences& own = row.kept;
    const auto level = own.notify ? own.notify : tuned->settings.notify;
    if (level == notify_level::none || wants_nothing(own, asked_.now))
      return success();
    wish how;
    how.only_mentions = only_named || level == notify_level::mentions;
    how.is_quiet = is_quiet_for(tuned->settings, own);
    how.dismissed = tuned->seen;
    return compare(user, how);
  }

  /// Whether the user is not to be disturbed now: at all, or by this conversation.
  bool is_quiet_for(const notification_settings& tuned, const preferences& own) const {
    const std::string zone = tuned.zone.value_or("UTC");
    const std::vector<std::string> none;
    return tuned.quiet_until.value_or(0) > static_cast<std::uint64_t>(to_wire(asked_.now)) ||
           is_quiet(tuned.quiet.value_or(none), zone, asked_.now) ||
           is_quiet(own.quiet.value_or(none), zone, asked_.now);
  }

  /// Something came behind what the user has read, or was told of.
  outcome compare(const user_id& user, const wish& how) {
    auto mine = rows_.receipt_of(asked_.conversation, user);
    if (!mine)
      return mine.error();
    auto told = rows_.notice_of(user, asked_.conversation);
    if (!told)
      return told.error();
    if (!*mine)
      return success();
    const sequence read = (*mine)->now.read;
    const sequence known = std::max(read, *told ? (*told)->seq : sequence{});
    if (known >= asked_.last)
      return success();
    auto blocked = read_whom_blocked(rows_, user);
    if (!blocked)
      return blocked.error();
    blocked_.users = std::move(blocked->users);
    auto news = heard_behind(user, known);
    if (!news)
      return news.error();
    if ((how.only_mentions ? news->mentions : news->messages) <= 0)
      return success();
    if (how.only_mentions) {
      auto calls = calls_behind(user, known);
      if (!calls)
        return calls.error();
      if (news->mentions <= *calls)
        return success();
    }
    auto all = known == read ? news : heard_behind(user, read);
    if (!all)
      return all.error();
    return tell(user, how, *told, {read, known, *news, *all});
  }

  /// What was told and not dismissed grows; otherwise it begins anew, behind what was told.
  outcome tell(const user_id& user, const wish& how, const std::optional<notice_row>& told,
               const comparison& found) {
    const auto counted = [](std::int64_t number) {
      return static_cast<std::uint64_t>(std::max<std::int64_t>(number, 0));
    };
    notice made{user, counted(found.all.messages), counted(found.all.mentions), how.is_quiet};
    made.is_new = !told || told->seen || told->since <= how.dismissed;
    made.behind = made.is_new ? found.known : std::max(found.read, told->behind);
    made.joined = !made.is_new && told->joined;
    auto fresh = made.behind == found.known  ? result<others_correction>{found.news}
                 : made.behind == found.read ? result<others_correction>{found.all}
                                             : heard_behind(user, made.behind);
    if (!fresh)
      return fresh.error();
    made.count = counted(fresh->messages);
    auto title = read_title_for(rows_, asked_.conversation, in_, user);
    if (!title)
      return title.error();
    made.title = std::move(*title);
    found_.notices.push_back(std::move(made));
    return success();
  }

  result<others_correction> heard_behind(const user_id& user, sequence behind) {
    return count_heard(rows_, in_, {asked_.conversation, user, behind, asked_.last}, blocked_);
  }

  /// Old messages are no news, whatever nobody was told of: the server had no notifications then.
  result<bool> is_news() const {
    auto event = rows_.event(asked_.conversation, asked_.last);
    if (!event)
      return event.error();
    const auto facts = *event ? facts_of((*event)->event) : std::nullopt;
    return facts && asked_.now - facts->at <= std::chrono::milliseconds{limits::news_age};
  }

  /// Two of whom one has blocked the other tell each other nothing.
  result<bool> is_cut_off() const {
    if (in_.kind != conversation_kind::direct)
      return false;
    auto blockers = read_blockers(rows_, asked_.conversation);
    if (!blockers)
      return blockers.error();
    return !blockers->empty();
  }

  const row_reader& rows_;
  const read_notifiable_question& asked_;
  conversation_row in_;
  notifiable found_;
  std::optional<std::vector<call>> calls_ = {}; ///< Once somebody needed them.
  unheard_authors blocked_ = {}; ///< Of the user who is looked at; the bounds are of all.
};

} // namespace

result<notifiable> read_who_has_not_read(const row_reader& rows,
                                         const read_notifiable_question& asked) {
  return readers_query{rows, asked}.run();
}

} // namespace parley
