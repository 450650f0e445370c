// Users and their pseudonyms are both replaced by what stands for the person.
#include "persistence/erasures/erased_names.hpp"

namespace parley {

erased_names::erased_names(const row_reader& rows) {
  cursor at = rows.rows(model_table::erasures);
  for (bool more = at.first(); more; more = at.next()) {
    const auto row = decode_erasure(at.key(), at.value());
    if (!row || row->what.phase == erasure_phase::begun)
      continue;
    const user_erasure& what = row->what;
    pseudonyms_[what.user_hash].push_back(what.pseudonym);
    persons_.emplace(what.pseudonym.str(), hex(what.user_hash, what.user_hash.size()));
  }
}

const std::vector<user_id>& erased_names::pseudonyms_of(const user_id& user) const {
  static const std::vector<user_id> none;
  if (pseudonyms_.empty())
    return none;
  const auto found = pseudonyms_.find(hash_of(user));
  return found == pseudonyms_.end() ? none : found->second;
}

const std::string* erased_names::person_of(std::string_view user) const {
  if (const auto known = persons_.find(user); known != persons_.end())
    return &known->second;
  const auto& pseudonyms = pseudonyms_of(user_id{std::string(user)});
  return pseudonyms.empty() ? nullptr : &persons_.find(pseudonyms.front().str())->second;
}

bool erased_names::are_same(std::string_view one, std::string_view other) const {
  if (one == other || pseudonyms_.empty())
    return one == other;
  const new_names names = [this](std::string_view user) { return person_of(user); };
  return renamed_event(one, names).value_or(std::string(one)) ==
         renamed_event(other, names).value_or(std::string(other));
}

bool erased_names::are_same(const raw_fields& one, const raw_fields& other) const {
  if (one == other || pseudonyms_.empty())
    return one == other;
  const new_names names = [this](std::string_view user) { return person_of(user); };
  return renamed_answer(one, names).value_or(one) == renamed_answer(other, names).value_or(other);
}

} // namespace parley
