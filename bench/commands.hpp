// Encoders of the commands this client sends; each appends one envelope to `out`.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "bench/accounts.hpp"

namespace parley::bench {

void encode_hello(std::string& out, std::uint64_t ref, const Account& account);
void encode_create_group(std::string& out, std::uint64_t ref, std::span<const std::string> members);
void encode_add(std::string& out, std::uint64_t ref, std::string_view conversation,
                std::span<const std::string> users);
/// The `client_id` is made from `ref`, so a ref must not repeat within a conversation.
void encode_send(std::string& out, std::uint64_t ref, std::string_view conversation,
                 std::string_view body);
void encode_read(std::string& out, std::uint64_t ref, std::string_view conversation,
                 std::uint64_t seq);

/// Receipts and typing as clients send them, without a `ref`: nothing is answered.
void encode_receipt(std::string& out, std::string_view type, std::string_view conversation,
                    std::uint64_t seq);
void encode_typing(std::string& out, std::string_view conversation);

void encode_get(std::string& out, std::uint64_t ref, std::string_view conversation);
/// A page of the events before a number, and a page of conversations from a cursor on.
void encode_history(std::string& out, std::uint64_t ref, std::string_view conversation,
                    std::uint64_t before, std::uint64_t limit);
void encode_list(std::string& out, std::uint64_t ref, std::string_view cursor);
void encode_search(std::string& out, std::uint64_t ref, std::string_view query);

void encode_watch(std::string& out, std::uint64_t ref, std::span<const std::string> users);
/// Without a `ref`: nothing is answered.
void encode_presence(std::string& out, std::string_view status);

/// Bodies start with the time they were sent, as 16 hexadecimal digits.
inline constexpr std::size_t stamp_bytes = 16;
void stamp(std::string& body, std::uint64_t time_ns);
/// The time in a body; fails when there is none.
std::uint64_t stamped_at(std::string_view body);

} // namespace parley::bench
