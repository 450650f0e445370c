// A table of checks, from who it is to when it ends.
#include "transport/token_claims.hpp"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "actors/limits_people.hpp"
#include "actors/plain_text.hpp"
#include "actors/utf8.hpp"

namespace parley {

namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Seconds that every reader of JSON agrees upon (RFC 7493, section 2.2); a thousand times as many
/// still fit 64 bits.
constexpr std::int64_t most_seconds = std::int64_t{1} << 53;
/// The first second of the year 2200: later ends are cut to it, so that the system clock's
/// nanoseconds can be compared with them.
constexpr timestamp latest_expiry{seconds{7'258'118'400}};

failure unauthenticated(std::string why) {
  return {error_code::unauthenticated, std::move(why), {}};
}

const json* find(const json& claims, const std::string& name) {
  const auto found = claims.find(name);
  return found == claims.end() ? nullptr : &*found;
}

bool is_text(const json* claim, const std::string& expected) {
  return claim != nullptr && claim->is_string() && claim->get_ref<const std::string&>() == expected;
}

/// A NumericDate, or nothing when it is none that makes sense.
std::optional<timestamp> to_time(const json& claim) {
  if (claim.is_number_unsigned() &&
      claim.get<std::uint64_t>() > static_cast<std::uint64_t>(most_seconds))
    return std::nullopt;
  if (claim.is_number_integer()) {
    const auto whole = claim.get<std::int64_t>();
    if (whole > most_seconds || whole < -most_seconds)
      return std::nullopt;
    return timestamp{seconds{whole}};
  }
  if (!claim.is_number_float() ||
      !(std::abs(claim.get<double>()) <= static_cast<double>(most_seconds)))
    return std::nullopt;
  return timestamp{milliseconds{std::llround(claim.get<double>() * 1000)}};
}

bool is_for(const json* audience, const std::string& us) {
  if (audience == nullptr || !audience->is_array())
    return is_text(audience, us);
  return std::any_of(audience->begin(), audience->end(),
                     [&us](const json& each) { return is_text(&each, us); });
}

/// Why the token is not for this server, if so.
std::optional<std::string> misdirected(const json& claims, const token_rules& rules) {
  if (rules.issuer && !is_text(find(claims, "iss"), *rules.issuer))
    return "the token is of another issuer";
  if (rules.audience && !is_for(find(claims, "aud"), *rules.audience))
    return "the token is for another audience";
  return std::nullopt;
}

/// When it ends, if it has begun and has not ended.
result<timestamp> end_of(const json& claims, timestamp now) {
  const json* expiry = find(claims, "exp");
  const auto expires = expiry == nullptr ? std::nullopt : to_time(*expiry);
  if (!expires)
    return unauthenticated("the token has no expiry");
  if (const json* begin = find(claims, "nbf")) {
    const auto begins = to_time(*begin);
    if (!begins)
      return unauthenticated("the token's nbf is malformed");
    if (*begins > now)
      return unauthenticated("the token is not valid yet");
  }
  if (*expires <= now)
    return failure{error_code::token_expired, "the token has expired", {}};
  return std::min(*expires, latest_expiry);
}

bool is_admin(const json& claims, const token_rules& rules) {
  const json* flag = rules.admin_claim.empty() ? nullptr : find(claims, rules.admin_claim);
  return flag != nullptr && flag->is_boolean() && flag->get<bool>();
}

/// What the user is called (OpenID Connect Core, section 5.1), if that could be in a profile.
std::string shown_name(const json& claims) {
  const json* claim = find(claims, "name");
  std::string name;
  if (claim == nullptr || !claim->is_string())
    return name;
  const auto& text = claim->get_ref<const std::string&>();
  const bool fits = text.size() <= limits::profile_name_bytes && is_utf8(text) &&
                    text.find_first_of("\t\r\n") == std::string::npos && !has_deceiving_marks(text);
  if (!fits || !take_plain_text(text, name) || name.size() > limits::profile_name_bytes)
    name.clear();
  return name;
}

} // namespace

bool is_name_of_user(std::string_view name) {
  return !name.empty() && name.size() <= limits::id_bytes &&
         name.find('\0') == std::string_view::npos && is_utf8(name) && name != operators_name;
}

result<identity> judge_claims(std::string_view text, const token_rules& rules, timestamp now) {
  const json claims = json::parse(text, nullptr, false);
  if (!claims.is_object())
    return unauthenticated("the token's claims are malformed");
  const json* user = find(claims, "sub");
  const std::string name = user != nullptr && user->is_string() ? user->get<std::string>() : "";
  if (!is_name_of_user(name))
    return unauthenticated("the token names no user");
  if (const auto why = misdirected(claims, rules))
    return unauthenticated(*why);
  const auto expires = end_of(claims, now);
  if (!expires)
    return expires.error();
  identity who;
  who.user = user_id{name};
  who.expires_at = *expires;
  who.admin = is_admin(claims, rules);
  if (std::string name = shown_name(claims); !name.empty())
    who.name = std::make_shared<const std::string>(std::move(name));
  return who;
}

} // namespace parley
