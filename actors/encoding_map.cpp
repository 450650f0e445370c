// Builds maps and arrays with msgpack-c, straight into strings.
#include <msgpack.hpp>

#include "actors/encoding.hpp"

namespace parley {

namespace {

/// What msgpack-c's packer writes to.
class string_sink {
public:
  explicit string_sink(std::string& to) : to_(to) {}
  void write(const char* data, std::size_t size) { to_.append(data, size); }

private:
  std::string& to_;
};

/// Nearly every text is short: then its header is one byte.
void pack_text(std::string& to, std::string_view text) {
  constexpr std::size_t short_text = 32;
  if (text.size() < short_text) {
    to.push_back(static_cast<char>(0xa0 | text.size()));
  } else {
    string_sink sink{to};
    msgpack::packer<string_sink>{sink}.pack_str(static_cast<std::uint32_t>(text.size()));
  }
  to.append(text);
}

template <class Value>
void pack_value(std::string& to, Value value) {
  string_sink sink{to};
  msgpack::packer<string_sink>{sink}.pack(value);
}

std::string map_header(std::size_t count) {
  std::string header;
  string_sink sink{header};
  msgpack::packer<string_sink>{sink}.pack_map(static_cast<std::uint32_t>(count));
  return header;
}

/// Room for the keys and small values of an envelope, so that building one allocates once.
constexpr std::size_t envelope_overhead = 160;

} // namespace

map_writer::map_writer(envelope_type type, const reference& ref) {
  written_.bytes.reserve(envelope_overhead);
  text("type", type.name());
  if (const auto* number = std::get_if<std::int64_t>(&ref)) {
    key("ref");
    pack_value(written_.bytes, *number);
  } else if (const auto* name = std::get_if<std::string>(&ref)) {
    text("ref", *name);
  }
}

void map_writer::key(std::string_view name) {
  ++written_.count;
  pack_text(written_.bytes, name);
}

map_writer& map_writer::text(std::string_view name, std::string_view value) {
  key(name);
  pack_text(written_.bytes, value);
  return *this;
}

map_writer& map_writer::number(std::string_view name, std::uint64_t value) {
  key(name);
  pack_value(written_.bytes, value);
  return *this;
}

map_writer& map_writer::time(std::string_view name, timestamp value) {
  key(name);
  pack_value(written_.bytes, to_wire(value));
  return *this;
}

map_writer& map_writer::flag(std::string_view name, bool value) {
  key(name);
  pack_value(written_.bytes, value);
  return *this;
}

map_writer& map_writer::texts(std::string_view name, const std::vector<std::string>& values) {
  msgpack::sbuffer list;
  msgpack::pack(list, values);
  return encoded(name, {list.data(), list.size()});
}

map_writer& map_writer::encoded(std::string_view name, std::string_view value) {
  key(name);
  written_.bytes.append(value);
  return *this;
}

map_writer& map_writer::fields(const raw_fields& fields) {
  written_.count += fields.count;
  written_.bytes.append(fields.bytes);
  return *this;
}

raw_fields map_writer::take_fields() && { return std::move(written_); }

std::string map_writer::take() && {
  std::string map = map_header(written_.count);
  map.reserve(map.size() + written_.bytes.size());
  map.append(written_.bytes);
  return map;
}

std::string array_header(std::size_t count) {
  std::string header;
  string_sink sink{header};
  msgpack::packer<string_sink>{sink}.pack_array(static_cast<std::uint32_t>(count));
  return header;
}

std::string encode_user_list(const std::vector<user_id>& users) {
  std::string list = array_header(users.size());
  for (const auto& user : users)
    pack_text(list, user.str());
  return list;
}

} // namespace parley
