// Reads who has blocked whom.
#include "actors/limits_people.hpp"
#include "actors/rules.hpp"
#include "persistence/queries.hpp"

namespace parley {

result<block_page> read_block_page(const row_reader& rows, const user_id& user,
                                   const list_blocks& what) {
  const std::string prefix = membership_prefix(user);
  block_page page;
  cursor at = rows.rows(model_table::blocked);
  bool more = at.seek(prefix + what.cursor.value_or(""));
  if (more && what.cursor && at.key() == prefix + *what.cursor)
    more = at.next();
  for (; more && at.key().starts_with(prefix); more = at.next()) {
    if (page.items.size() == rules::page_limit(what.limit)) {
      page.cursor = page.items.back().user.str();
      break;
    }
    auto row = decode_blocked(at.key(), at.value());
    if (!row)
      return row.error();
    page.items.push_back({user_id{std::string(at.key().substr(prefix.size()))}, *row});
  }
  if (at.error())
    return *at.error();
  return page;
}

result<bool> list_blocks_of(const row_reader& rows, model_table table, const user_id& user,
                            std::vector<user_id>& into) {
  const std::string prefix = membership_prefix(user);
  cursor at = rows.rows(table);
  for (bool more = at.seek(prefix); more && at.key().starts_with(prefix); more = at.next()) {
    if (into.size() == limits::dealings)
      return false;
    into.emplace_back(std::string(at.key().substr(prefix.size())));
  }
  if (at.error())
    return *at.error();
  return true;
}

result<std::vector<user_id>> read_blockers(const row_reader& rows,
                                           const conversation_id& conversation) {
  std::vector<user_id> users;
  const auto see = [&](user_id user, user_id) {
    users.push_back(std::move(user));
    return true;
  };
  auto read = for_each_row(rows, model_table::pair_blocks, member_prefix(conversation),
                           split_member_key, decode_pair_block, see);
  if (!read)
    return read.error();
  return users;
}

} // namespace parley
