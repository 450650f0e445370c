// Conversation by conversation, then the tables that belong to none.
#include "persistence/erasures/forgetting.hpp"

#include <utility>

#include "actors/limits_of_erasures.hpp"
#include "actors/log.hpp"
#include "actors/log_line.hpp"
#include "actors/rules.hpp"
#include "persistence/erasures/new_names.hpp"

namespace parley {

namespace {

/// In this order: a file and a block are whole whenever a portion of theirs is.
enum class forgetting_stage : std::uint64_t { conversations, keys, files, blocks, exports, rest };

class portion_plan {
public:
  portion_plan(const row_reader& rows, std::string receipt, erasure_row of)
      : rows_(rows), user_(of.what.user.str()), names_(one_new_name{of.what}) {
    portion_.receipt = std::move(receipt);
    portion_.after = std::move(of);
  }

  result<std::optional<forgetting_portion>> make() {
    auto made = go_on();
    if (!made)
      return made.error();
    return std::optional{std::move(portion_)};
  }

private:
  outcome go_on() {
    switch (static_cast<forgetting_stage>(portion_.after.stage)) {
    case forgetting_stage::conversations:
      return conversations();
    case forgetting_stage::keys:
      return walk(model_table::dedupe, [&](auto key, auto value) { return key_row(key, value); });
    case forgetting_stage::files:
      return walk(model_table::files, [&](auto key, auto value) { return file_row(key, value); });
    case forgetting_stage::blocks:
      return walk(model_table::blocked, [&](auto key, auto) { return block_row(key); });
    case forgetting_stage::exports:
      return walk(model_table::exports,
                  [&](auto key, auto value) { return export_row_of(key, value); });
    case forgetting_stage::rest:
      break;
    }
    return rest();
  }

  void next_stage() {
    ++portion_.after.stage;
    portion_.after.place.clear();
  }

  outcome conversations() {
    std::string& place = portion_.after.place;
    cursor at = rows_.rows(model_table::conversations);
    bool more = place.empty() ? at.first() : at.seek(place);
    if (more && at.key() == place)
      more = at.next();
    for (std::size_t looked_at = 0; more && looked_at < limits::erasure_rows; more = at.next()) {
      place = at.key();
      erasure_row before = portion_.after;
      const auto planned = plan_conversation(rows_, conversation_id{place}, portion_.after,
                                             portion_.changes, looked_at);
      if (!planned && planned.error().code != error_code::internal)
        return planned;
      if (!planned)
        pass_over(std::move(before), planned.error());
      if (!portion_.changes.empty())
        return success(); // one that has any is enough
    }
    if (at.error())
      return *at.error();
    if (!more)
      next_stage();
    return success();
  }

  /// One that cannot be read stays as it is; the name goes from everywhere else.
  void pass_over(erasure_row before, const failure& why) {
    thread_log().error("erasure_left_damage receipt={} reason={}", in_quotes(portion_.receipt),
                       in_quotes(why.message));
    portion_.changes.clear();
    portion_.after = std::move(before);
    ++portion_.after.what.passed_over;
  }

  /// So many rows of a table; what cannot be read of them stays, and `check` names it.
  template <class See>
  outcome walk(model_table table, See&& see) {
    std::string& place = portion_.after.place;
    cursor at = rows_.rows(table);
    bool more = place.empty() ? at.first() : at.seek(place);
    if (more && at.key() == place)
      more = at.next();
    for (std::size_t seen = 0; more && seen < limits::erasure_rows; more = at.next(), ++seen) {
      place = at.key();
      if (auto done = see(at.key(), at.value()); !done)
        return done;
    }
    if (at.error())
      return *at.error();
    if (!more)
      next_stage();
    return success();
  }

  void put(model_table table, std::string key, std::string value) {
    portion_.changes.push_back({table, std::move(key), std::move(value)});
  }

  /// What the answer to a creation says of its members.
  outcome key_row(std::string_view key, std::string_view value) {
    if (value.find(user_) == std::string_view::npos)
      return success();
    auto row = decode_dedupe(key, value);
    if (!row)
      return success();
    auto changed = renamed_answer(row->answer, names_);
    if (!changed)
      return success();
    row->answer = std::move(*changed);
    std::string place{key};
    std::string encoded = encode_row(place, *row);
    put(model_table::dedupe, std::move(place), std::move(encoded));
    return success();
  }

  outcome file_row(std::string_view key, std::string_view value) {
    if (value.find(user_) == std::string_view::npos)
      return success();
    auto row = decode_file(key, value);
    if (!row)
      return success();
    const user_id before = row->by;
    if (!rename_in(row->by, names_))
      return success();
    portion_.after.what.files += row->uses > 0 || !row->sent ? 1 : 0;
    if (!row->sent) {
      put(model_table::unsent_files, unsent_file_key(before, row->what.file), {});
      std::string unsent = unsent_file_key(row->by, row->what.file);
      std::string bytes = encode_unsent(unsent, row->what.size);
      put(model_table::unsent_files, std::move(unsent), std::move(bytes));
    }
    std::string place{key};
    std::string encoded = encode_row(place, *row);
    put(model_table::files, std::move(place), std::move(encoded));
    return success();
  }

  /// Who had it, or whose it was.
  outcome export_row_of(std::string_view key, std::string_view value) {
    if (value.find(user_) == std::string_view::npos)
      return success();
    auto row = decode_export(key, value);
    if (!row)
      return success();
    auto changed = renamed_event(row->receipt, names_);
    if (!changed)
      return success();
    std::string place{key};
    std::string encoded = encode_row(place, export_row{std::move(*changed)});
    put(model_table::exports, std::move(place), std::move(encoded));
    return success();
  }

  /// Whoever of the two it is.
  outcome block_row(std::string_view key) {
    const auto place = split_membership_key(key);
    if (!place || (place->first.str() != user_ && place->second.str() != user_))
      return success();
    const user_id whom{place->second.str()};
    put(model_table::blocked, std::string(key), {});
    put(model_table::blocked_by, blocked_key(whom, place->first), {});
    put(model_table::pair_blocks, member_key(rules::id_of_pair(place->first, whom), place->first),
        {});
    return success();
  }

  // Who came back meanwhile, past everybody at the door, keeps what they have.
  outcome rest() {
    const user_id user{user_};
    put(model_table::users, user_, {});
    put(model_table::tunings, user_, {});
    put(model_table::profiles, user_, {});
    for (const auto table :
         {model_table::memberships, model_table::preferences, model_table::notices}) {
      const std::string prefix = membership_prefix(user);
      cursor at = rows_.rows(table);
      for (bool more = at.seek(prefix); more && at.key().starts_with(prefix); more = at.next()) {
        const conversation_id in{std::string(at.key().substr(prefix.size()))};
        const auto mine = rows_.membership(user, in); // one that cannot be read goes, too
        if (!mine || !*mine || !(*mine)->active())
          put(table, std::string(at.key()), {});
      }
      if (at.error())
        return *at.error();
    }
    portion_.after.what.forgotten = true;
    if (portion_.after.what.phase == erasure_phase::done)
      portion_.after.what.user = user_id{};
    portion_.after.place.clear();
    return success();
  }

  const row_reader& rows_;
  std::string user_;
  new_names names_;
  forgetting_portion portion_;
};

/// The first user whose name is to be forgotten.
result<std::optional<std::pair<std::string, erasure_row>>> first_of(const row_reader& rows) {
  cursor at = rows.rows(model_table::erasures);
  for (bool more = at.first(); more; more = at.next()) {
    auto row = decode_erasure(at.key(), at.value());
    if (!row)
      continue; // `check` names it; the others are forgotten all the same
    if (row->what.phase != erasure_phase::begun && !row->what.forgotten)
      return std::optional{std::pair{std::string(at.key()), std::move(*row)}};
  }
  if (at.error())
    return *at.error();
  return std::optional<std::pair<std::string, erasure_row>>{};
}

} // namespace

result<bool> is_anybody_to_be_forgotten(const row_reader& rows) {
  auto first = first_of(rows);
  if (!first)
    return first.error();
  return first->has_value();
}

result<std::optional<forgetting_portion>> plan_forgetting(const row_reader& rows) {
  auto first = first_of(rows);
  if (!first)
    return first.error();
  if (!*first)
    return std::optional<forgetting_portion>{};
  return portion_plan{rows, (*first)->first, std::move((*first)->second)}.make();
}

} // namespace parley
