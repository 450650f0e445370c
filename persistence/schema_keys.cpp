// Keys of the read model's rows: big-endian, so that their order is the order of what they name.
#include "actors/digest.hpp"
#include "persistence/checksum.hpp"
#include "persistence/schema.hpp"

namespace parley {

namespace {

/// A length of one byte and the text: ids have at most limits::id_bytes.
std::string prefixed(std::string_view id) {
  std::string key;
  key.reserve(id.size() + 10);
  key.push_back(static_cast<char>(id.size()));
  return std::move(key.append(id));
}

/// The prefixed text a key begins with, and the rest.
std::optional<std::pair<std::string_view, std::string_view>> split(std::string_view key) {
  if (key.empty())
    return {};
  const std::size_t size = static_cast<unsigned char>(key.front());
  if (key.size() < 1 + size)
    return {};
  return std::pair{key.substr(1, size), key.substr(1 + size)};
}

template <class First, class Second>
std::optional<std::pair<First, Second>> split_ids(std::string_view key) {
  const auto parts = split(key);
  if (!parts || parts->first.empty() || parts->second.empty())
    return {};
  return std::pair{First{std::string(parts->first)}, Second{std::string(parts->second)}};
}

} // namespace

std::string event_prefix(const conversation_id& conversation) {
  return prefixed(conversation.str());
}

std::string event_key(const conversation_id& conversation, sequence seq) {
  std::string key = event_prefix(conversation);
  append_big_endian(key, seq.value());
  return key;
}

// Keys of one scope lie together; which scope it is, and the rest, are told apart by the digest.
std::string dedupe_key(const idempotency_key& key) {
  std::string bytes = dedupe_prefix(key.scope);
  const digest whole = digest_of({key.scope.str(), key.sender.str(), key.client.str()});
  return std::move(bytes.append(reinterpret_cast<const char*>(whole.data()), whole.size() / 2));
}

std::string dedupe_prefix(const conversation_id& scope) {
  std::string bytes;
  append_big_endian(bytes, checksum_of(scope.str()));
  return bytes;
}

std::string tallies_prefix(const conversation_id& conversation) {
  return prefixed(conversation.str());
}

std::string member_prefix(const conversation_id& conversation) {
  return prefixed(conversation.str());
}

std::string member_key(const conversation_id& conversation, const user_id& user) {
  return member_prefix(conversation).append(user.str());
}

std::string membership_prefix(const user_id& user) { return prefixed(user.str()); }

std::string membership_key(const user_id& user, const conversation_id& conversation) {
  return membership_prefix(user).append(conversation.str());
}

std::optional<std::pair<conversation_id, sequence>> split_event_key(std::string_view key) {
  const auto parts = split(key);
  if (!parts || parts->first.empty() || parts->second.size() != 8)
    return {};
  return std::pair{conversation_id{std::string(parts->first)},
                   sequence{big_endian_at(parts->second)}};
}

std::optional<std::pair<conversation_id, user_id>> split_member_key(std::string_view key) {
  return split_ids<conversation_id, user_id>(key);
}

std::optional<std::pair<user_id, conversation_id>> split_membership_key(std::string_view key) {
  return split_ids<user_id, conversation_id>(key);
}

std::string receipt_prefix(const conversation_id& conversation) {
  return prefixed(conversation.str());
}

std::string receipt_key(const conversation_id& conversation, const user_id& user) {
  return receipt_prefix(conversation).append(user.str());
}

std::string journal_prefix(const conversation_id& conversation, const user_id& user,
                           cursor_kind which) {
  std::string key = prefixed(conversation.str()).append(prefixed(user.str()));
  key.push_back(static_cast<char>(which));
  return key;
}

std::string journal_key(const conversation_id& conversation, const user_id& user, cursor_kind which,
                        sequence first) {
  std::string key = journal_prefix(conversation, user, which);
  append_big_endian(key, first.value());
  return key;
}

std::string tally_prefix(const conversation_id& conversation, tally what, const user_id& user) {
  std::string key = prefixed(conversation.str());
  key.push_back(static_cast<char>(what));
  return std::move(key.append(prefixed(user.str())));
}

std::string tally_key(std::string prefix, sequence seq) {
  append_big_endian(prefix, seq.value());
  return prefix;
}

std::string condemned_message_key(const conversation_id& conversation, sequence message) {
  return std::string(1, '\0') + event_key(conversation, message);
}

std::optional<std::string> condemned_reactions(std::string_view key) {
  return key.starts_with('\0') ? std::optional{std::string(key.substr(1))} : std::nullopt;
}

std::string hidden_key(const conversation_id& conversation, sequence message, const user_id& user) {
  return event_key(conversation, message).append(user.str());
}

std::string reactions_prefix(const conversation_id& conversation) {
  return prefixed(conversation.str());
}

std::string reaction_prefix(const conversation_id& conversation, sequence message,
                            std::string_view emoji) {
  return event_key(conversation, message).append(prefixed(emoji));
}

std::string reaction_key(const conversation_id& conversation, sequence message,
                         std::string_view emoji, const user_id& user) {
  return reaction_prefix(conversation, message, emoji).append(user.str());
}

std::string reply_key(const conversation_id& conversation, sequence thread, sequence seq) {
  std::string key = event_key(conversation, thread);
  append_big_endian(key, seq.value());
  return key;
}

std::optional<reply_place> split_reply_key(std::string_view key) {
  const auto in = split(key);
  if (!in || in->first.empty() || in->second.size() != 16)
    return {};
  return reply_place{conversation_id{std::string(in->first)}, sequence{big_endian_at(in->second)},
                     sequence{big_endian_at(in->second.substr(8))}};
}

std::string blocked_key(const user_id& user, const user_id& whom) {
  return membership_prefix(user).append(whom.str());
}

std::string expiry_key(std::uint64_t at, const conversation_id& conversation, sequence message) {
  std::string key;
  append_big_endian(key, at);
  return std::move(key.append(event_key(conversation, message)));
}

std::optional<expiry_place> split_expiry_key(std::string_view key) {
  if (key.size() <= 8)
    return {};
  auto place = split_event_key(key.substr(8));
  if (!place)
    return {};
  return expiry_place{big_endian_at(key), std::move(place->first), place->second};
}

std::string corrections_prefix(const conversation_id& conversation) {
  return prefixed(conversation.str());
}

std::string correction_prefix(const conversation_id& conversation, correction what,
                              const user_id& user) {
  std::string key = corrections_prefix(conversation);
  key.push_back(static_cast<char>(what));
  return std::move(key.append(prefixed(user.str())));
}

std::optional<std::pair<conversation_id, user_id>> split_receipt_key(std::string_view key) {
  return split_ids<conversation_id, user_id>(key);
}

std::optional<journal_place> split_journal_key(std::string_view key) {
  const auto in = split(key);
  const auto of = in ? split(in->second) : std::nullopt;
  if (!of || in->first.empty() || of->first.empty() || of->second.size() != 9 ||
      static_cast<unsigned char>(of->second.front()) >
          static_cast<unsigned char>(cursor_kind::read))
    return {};
  return journal_place{conversation_id{std::string(in->first)}, user_id{std::string(of->first)},
                       static_cast<cursor_kind>(of->second.front()),
                       sequence{big_endian_at(of->second.substr(1))}};
}

std::optional<hidden_place> split_hidden_key(std::string_view key) {
  const auto in = split(key);
  if (!in || in->first.empty() || in->second.size() <= 8)
    return {};
  return hidden_place{conversation_id{std::string(in->first)}, sequence{big_endian_at(in->second)},
                      user_id{std::string(in->second.substr(8))}};
}

std::optional<reaction_place> split_reaction_key(std::string_view key) {
  const auto in = split(key);
  if (!in || in->first.empty() || in->second.size() < 8)
    return {};
  const auto of = split(in->second.substr(8));
  if (!of || of->first.empty() || of->second.empty())
    return {};
  return reaction_place{conversation_id{std::string(in->first)},
                        sequence{big_endian_at(in->second)}, std::string(of->first),
                        user_id{std::string(of->second)}};
}

std::optional<tally_place> split_tally_key(std::string_view key) {
  const auto in = split(key);
  if (!in || in->first.empty() || in->second.empty() ||
      static_cast<unsigned char>(in->second.front()) >
          static_cast<unsigned char>(tally::everyone_by))
    return {};
  const auto of = split(in->second.substr(1));
  if (!of || of->second.size() != 8)
    return {};
  return tally_place{conversation_id{std::string(in->first)},
                     static_cast<tally>(in->second.front()), user_id{std::string(of->first)},
                     sequence{big_endian_at(of->second)}};
}

std::vector<sequence> numbers_of(sequence first, const tally_row& row) {
  std::vector<sequence> numbers{first};
  numbers.reserve(1 + row.more.size());
  for (const auto each : row.more)
    numbers.emplace_back(numbers.back().value() + each);
  return numbers;
}

} // namespace parley
