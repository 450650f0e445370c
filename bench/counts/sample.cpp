// Names as long as those of a running server, and a body of plain words.
#include "bench/counts/sample.hpp"

#include "actors/encoding.hpp"
#include "actors/rules.hpp"

namespace parley::counts {

namespace {

std::string with_digits(std::string_view prefix, std::uint64_t number, std::size_t size) {
  const std::string digits = std::to_string(number);
  std::string text{prefix};
  text.append(size - prefix.size() - digits.size(), '0');
  return text + digits;
}

} // namespace

user_id member(std::size_t index) { return user_id{with_digits("load-", index, 10)}; }

client_id client(std::uint64_t number) {
  return client_id{with_digits("6ba7b810-9dad-11d1-80b4-", number, 36)};
}

const std::string& body() {
  static const std::string text = [] {
    std::string words;
    while (words.size() < body_bytes)
      words += "words that somebody wrote to everybody here, ";
    words.resize(body_bytes);
    return words;
  }();
  return text;
}

send_message message(std::uint64_t number) { return {room, client(number), body()}; }

std::shared_ptr<record> recorded(std::uint64_t seq) {
  auto made = std::make_shared<record>();
  const send_message what = message(seq);
  made->conversation = room;
  made->seq = sequence{seq};
  made->at = noon;
  made->actor = member(0);
  made->key = idempotency_key{room, made->actor, what.client};
  made->content = rules::fingerprint_of(what);
  made->ordinal = message_ordinal{seq};
  made->event = encode_message(made->seq, noon, made->actor, what);
  return made;
}

} // namespace parley::counts
