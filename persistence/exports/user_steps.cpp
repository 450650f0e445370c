// What is stored of one user, and what they may read.
#include <utility>

#include "actors/encoding.hpp"
#include "actors/limits_of_exports.hpp"
#include "persistence/exports/export_steps.hpp"
#include "persistence/packed.hpp"
#include "persistence/queries.hpp"

namespace parley {

namespace {

// --- What is the user's alone --------------------------------------------------------------------

outcome export_profile(const row_reader& rows, const user_id& user, export_entries& into) {
  map_writer map;
  map.text("user", user.str());
  auto seen = read_last_seen(rows, user); // the user's own: also when others are not told
  if (!seen)
    return seen.error();
  if (seen->at)
    map.time("last_seen", *seen->at);
  auto shown = rows.profile_of(user);
  if (!shown)
    return shown.error();
  const user_profile profile = shown->value_or(user_profile{});
  for (const auto& [name, text] :
       {std::pair{"name", &profile.name}, {"avatar", &profile.avatar}, {"text", &profile.text}})
    if (!text->empty())
      map.text(name, *text);
  auto tuned = rows.tuning_of(user);
  if (!tuned)
    return tuned.error();
  map.encoded("preferences", encode_notification_settings({}, tuned->settings));
  into.document("profile.json", std::move(map).take());
  return success();
}

result<std::optional<std::string>> export_blocks(const row_reader& rows, const user_id& user,
                                                 const std::optional<std::string>& cursor,
                                                 export_entries& into) {
  list_blocks asked;
  asked.cursor = cursor;
  auto page = read_block_page(rows, user, asked);
  if (!page)
    return page.error();
  for (const auto& each : page->items) {
    map_writer map;
    map.text("user", each.user.str()).time("at", each.at);
    into.line("blocks", std::move(map).take());
  }
  return page->cursor;
}

result<std::optional<std::string>> export_notifications(const row_reader& rows, const user_id& user,
                                                        const std::optional<std::string>& cursor,
                                                        export_entries& into) {
  list_notifications asked;
  asked.cursor = cursor;
  auto page = read_notification_page(rows, user, asked);
  if (!page)
    return page.error();
  for (const auto& each : page->items) {
    map_writer map;
    map.text("conversation", each.conversation.str()).number("seq", each.seq.value());
    map.time("at", each.at).flag("seen", each.seen);
    into.line("notifications", std::move(map).take());
  }
  return page->cursor;
}

result<std::optional<std::string>> export_invitations(const row_reader& rows, const user_id& user,
                                                      const std::optional<std::string>& cursor,
                                                      export_entries& into) {
  list_invitations asked;
  asked.cursor = cursor;
  auto page = read_invitation_page(rows, user, asked);
  if (!page)
    return page.error();
  for (const auto& each : page->items) {
    map_writer map;
    map.text("conversation", each.conversation.str()).text("kind", to_string(each.kind));
    if (!each.title.empty())
      map.text("title", each.title);
    map.text("role", to_string(each.offered.as)).text("by", each.offered.by.str());
    map.time("at", each.offered.at);
    into.line("invitations", std::move(map).take());
  }
  return page->cursor;
}

/// What they uploaded and never sent: at most limits::unsent_files, and nobody else's.
outcome export_unsent(const row_reader& rows, const user_id& user, export_entries& into) {
  const std::string prefix = membership_prefix(user);
  cursor at = rows.rows(model_table::unsent_files);
  for (bool more = at.seek(prefix); more && at.key().starts_with(prefix); more = at.next()) {
    const file_id file{std::string(at.key().substr(prefix.size()))};
    auto row = rows.file(file);
    if (!row)
      return row.error();
    if (!*row)
      continue;
    into.file("files/" + file.str(), file);
    into.line("files", encode_exported_file(**row, {}));
    ++into.counts.files;
  }
  return at.error() ? outcome{*at.error()} : success();
}

// --- Conversations -------------------------------------------------------------------------------

/// One after another, each with all its parts before the next one is looked at.
class memberships_step final : public export_step {
public:
  memberships_step(user_id user, position until) : user_(std::move(user)), until_(until) {}

  result<bool> go_on(const row_reader& rows, export_entries& into) override {
    if (!inside_.empty()) {
      auto more = go_on_with(inside_, rows, into);
      return more ? result<bool>{true} : more;
    }
    const std::string prefix = membership_prefix(user_);
    cursor at = rows.rows(model_table::memberships);
    bool more = at.seek(last_.empty() ? prefix : last_);
    if (more && at.key() == last_)
      more = at.next();
    if (!more || !at.key().starts_with(prefix))
      return at.error() ? result<bool>{*at.error()} : result<bool>{false};
    last_ = at.key();
    auto periods = decode_membership(at.key(), at.value());
    if (!periods)
      return periods.error();
    auto added = add(rows, conversation_id{last_.substr(prefix.size())}, *periods, into);
    return added ? result<bool>{true} : added.error();
  }

private:
  outcome add(const row_reader& rows, const conversation_id& conversation,
              const membership_row& mine, export_entries& into) {
    auto row = rows.conversation(conversation);
    if (!row)
      return row.error();
    const std::string number = numbered_for_export(++into.counts.conversations);
    map_writer map;
    map.text("folder", "conversations/" + number).text("conversation", conversation.str());
    if (*row)
      map.text("kind", to_string((*row)->kind));
    if (*row && mine.active() && !(*row)->title.empty())
      map.text("title", (*row)->title);
    auto member = rows.member(conversation, user_);
    if (!member)
      return member.error();
    if (*member)
      map.text("role", to_string((*member)->as));
    packed_writer periods;
    periods.array(mine.periods.size());
    for (const auto& each : mine.periods)
      periods.array(2).number(each.joined.value()).number(each.left.value());
    map.encoded("periods", std::move(periods).take());
    into.line("conversations", std::move(map).take());
    const std::string folder = "conversations/" + number + "/";
    if (mine.active())
      add_conversation_steps(inside_, conversation, {user_, true, until_}, folder);
    else if (!mine.periods.empty())
      add_own_steps(inside_, conversation, {user_, true, until_}, folder, mine);
    return success();
  }

  user_id user_;
  position until_;
  std::string last_;
  export_steps inside_;
};

result<bool> has_row_of(const row_reader& rows, model_table table, const user_id& user) {
  const std::string prefix = membership_prefix(user);
  cursor at = rows.rows(table);
  const bool found = at.seek(prefix) && at.key().starts_with(prefix);
  if (at.error())
    return *at.error();
  return found;
}

} // namespace

result<bool> is_user_known(const row_reader& rows, const user_id& user) {
  auto seen = read_last_seen(rows, user);
  if (!seen)
    return seen.error();
  if (seen->at)
    return true;
  auto shown = rows.profile_of(user);
  if (!shown)
    return shown.error();
  if (*shown)
    return true;
  for (const auto table : {model_table::memberships, model_table::blocked, model_table::notices,
                           model_table::invited, model_table::unsent_files}) {
    auto found = has_row_of(rows, table, user);
    if (!found || *found)
      return found;
  }
  auto tuned = rows.tuning_of(user);
  if (!tuned)
    return tuned.error();
  return tuned->settings != notification_settings{};
}

void add_user_steps(export_steps& to, const user_id& user, position until) {
  to.push_back(export_at_once([user](const row_reader& rows, export_entries& into) {
    return export_profile(rows, user, into);
  }));
  const auto pages = [&](auto read) {
    to.push_back(export_pages(
        [user, read](const row_reader& rows, const std::optional<std::string>& cursor,
                     export_entries& into) { return read(rows, user, cursor, into); }));
  };
  pages(&export_blocks);
  pages(&export_notifications);
  pages(&export_invitations);
  to.push_back(export_at_once([user](const row_reader& rows, export_entries& into) {
    return export_unsent(rows, user, into);
  }));
  to.push_back(std::make_unique<memberships_step>(user, until));
}

} // namespace parley
