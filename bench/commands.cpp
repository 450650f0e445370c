// Commands as MessagePack maps, keys in the order the protocol lists them.
#include "bench/commands.hpp"

#include <charconv>

#include "bench/failure.hpp"
#include "bench/msgpack_write.hpp"

namespace parley::bench {
namespace {

/// Sixteen hexadecimal digits of a number, with leading zeros.
void write_hex(char* out, std::uint64_t value) {
  for (std::size_t i = stamp_bytes; i-- > 0; value >>= 4)
    out[i] = "0123456789abcdef"[value & 15];
}

void write_list(MsgpackWriter& writer, std::string_view key, std::span<const std::string> items) {
  writer.str(key);
  writer.array(items.size());
  for (const auto& item : items)
    writer.str(item);
}

} // namespace

void encode_hello(std::string& out, std::uint64_t ref, const Account& account) {
  const std::size_t optional = (account.device.empty() ? 0 : 1) + (account.since.empty() ? 0 : 1);
  MsgpackWriter writer(out);
  writer.map(3 + optional);
  writer.pair("type", "hello");
  writer.pair("ref", ref);
  writer.pair("token", account.token);
  if (!account.device.empty())
    writer.pair("device", account.device);
  if (!account.since.empty())
    writer.pair("since", account.since);
}

void encode_create_group(std::string& out, std::uint64_t ref,
                         std::span<const std::string> members) {
  MsgpackWriter writer(out);
  writer.map(5);
  writer.pair("type", "create");
  writer.pair("ref", ref);
  writer.pair("kind", "group");
  writer.pair("title", "load");
  write_list(writer, "members", members);
}

void encode_add(std::string& out, std::uint64_t ref, std::string_view conversation,
                std::span<const std::string> users) {
  MsgpackWriter writer(out);
  writer.map(4);
  writer.pair("type", "add");
  writer.pair("ref", ref);
  writer.pair("conversation", conversation);
  write_list(writer, "users", users);
}

void encode_send(std::string& out, std::uint64_t ref, std::string_view conversation,
                 std::string_view body) {
  char client_id[stamp_bytes];
  write_hex(client_id, ref);
  MsgpackWriter writer(out);
  writer.map(5);
  writer.pair("type", "send");
  writer.pair("ref", ref);
  writer.pair("conversation", conversation);
  writer.pair("client_id", std::string_view(client_id, stamp_bytes));
  writer.pair("body", body);
}

void encode_read(std::string& out, std::uint64_t ref, std::string_view conversation,
                 std::uint64_t seq) {
  MsgpackWriter writer(out);
  writer.map(4);
  writer.pair("type", "read");
  writer.pair("ref", ref);
  writer.pair("conversation", conversation);
  writer.pair("seq", seq);
}

void encode_receipt(std::string& out, std::string_view type, std::string_view conversation,
                    std::uint64_t seq) {
  MsgpackWriter writer(out);
  writer.map(3);
  writer.pair("type", type);
  writer.pair("conversation", conversation);
  writer.pair("seq", seq);
}

void encode_typing(std::string& out, std::string_view conversation) {
  MsgpackWriter writer(out);
  writer.map(3);
  writer.pair("type", "typing");
  writer.pair("conversation", conversation);
  writer.yes("active");
}

void encode_get(std::string& out, std::uint64_t ref, std::string_view conversation) {
  MsgpackWriter writer(out);
  writer.map(3);
  writer.pair("type", "get");
  writer.pair("ref", ref);
  writer.pair("conversation", conversation);
}

void encode_history(std::string& out, std::uint64_t ref, std::string_view conversation,
                    std::uint64_t before, std::uint64_t limit) {
  MsgpackWriter writer(out);
  writer.map(5);
  writer.pair("type", "history");
  writer.pair("ref", ref);
  writer.pair("conversation", conversation);
  writer.pair("before", before);
  writer.pair("limit", limit);
}

void encode_list(std::string& out, std::uint64_t ref, std::string_view cursor) {
  MsgpackWriter writer(out);
  writer.map(cursor.empty() ? 2 : 3);
  writer.pair("type", "list");
  writer.pair("ref", ref);
  if (!cursor.empty())
    writer.pair("cursor", cursor);
}

void encode_search(std::string& out, std::uint64_t ref, std::string_view query) {
  MsgpackWriter writer(out);
  writer.map(3);
  writer.pair("type", "search");
  writer.pair("ref", ref);
  writer.pair("query", query);
}

void encode_watch(std::string& out, std::uint64_t ref, std::span<const std::string> users) {
  MsgpackWriter writer(out);
  writer.map(3);
  writer.pair("type", "watch");
  writer.pair("ref", ref);
  write_list(writer, "users", users);
}

void encode_presence(std::string& out, std::string_view status) {
  MsgpackWriter writer(out);
  writer.map(2);
  writer.pair("type", "presence");
  writer.pair("status", status);
}

void stamp(std::string& body, std::uint64_t time_ns) { write_hex(body.data(), time_ns); }

std::uint64_t stamped_at(std::string_view body) {
  std::uint64_t time_ns = 0;
  if (body.size() >= stamp_bytes) {
    const char* end = body.data() + stamp_bytes;
    const auto [stop, error] = std::from_chars(body.data(), end, time_ns, 16);
    if (error == std::errc{} && stop == end)
      return time_ns;
  }
  fail("a delivered body does not start with the time that was sent in it");
}

} // namespace parley::bench
