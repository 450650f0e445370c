// A SAX listener that writes MessagePack as it hears JSON.
#include "transport/json.hpp"

#include <bit>
#include <cstdint>
#include <vector>

#include <nlohmann/json.hpp>

namespace parley {

namespace {

void put_number(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    out += static_cast<char>(value >> shift);
}

/// Containers get heads with four bytes of count, filled in when they end.
class msgpack_writer : public nlohmann::json_sax<nlohmann::json> {
public:
  explicit msgpack_writer(std::size_t depth) : depth_(depth) {}

  bool null() override { return scalar('\xc0'); }
  bool boolean(bool value) override { return scalar(value ? '\xc3' : '\xc2'); }
  bool number_integer(number_integer_t value) override {
    return scalar('\xd3', std::bit_cast<std::uint64_t>(value));
  }
  bool number_unsigned(number_unsigned_t value) override { return scalar('\xcf', value); }
  bool number_float(number_float_t value, const string_t&) override {
    return scalar('\xcb', std::bit_cast<std::uint64_t>(value));
  }
  bool string(string_t& value) override {
    count();
    return text(value);
  }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return start('\xdf'); }
  bool key(string_t& value) override {
    count();
    return text(value);
  }
  bool end_object() override { return end(2); }
  bool start_array(std::size_t) override { return start('\xdd'); }
  bool end_array() override { return end(1); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override {
    return false;
  }

  std::string take() { return std::move(out_); }

private:
  struct open_container {
    std::size_t head;
    std::uint32_t parts = 0;
  };

  void count() {
    if (!open_.empty())
      ++open_.back().parts;
  }
  bool scalar(char mark) {
    count();
    out_ += mark;
    return true;
  }
  bool scalar(char mark, std::uint64_t bits) {
    scalar(mark);
    put_number(out_, bits, 8);
    return true;
  }
  bool text(const std::string& value) {
    out_ += '\xdb';
    put_number(out_, value.size(), 4);
    out_ += value;
    return true;
  }
  bool start(char mark) {
    if (open_.size() == depth_)
      return false;
    count();
    open_.push_back({out_.size()});
    out_ += mark;
    put_number(out_, 0, 4);
    return true;
  }
  bool end(std::uint32_t parts_per_element) {
    const std::uint32_t elements = open_.back().parts / parts_per_element;
    for (int i = 0; i < 4; ++i)
      out_[open_.back().head + 1 + i] = static_cast<char>(elements >> (24 - 8 * i));
    open_.pop_back();
    return true;
  }

  std::size_t depth_;
  std::string out_;
  std::vector<open_container> open_;
};

} // namespace

std::optional<std::string> to_msgpack(std::string_view json, std::size_t depth) {
  msgpack_writer writer{depth};
  try {
    if (!nlohmann::json::sax_parse(json.begin(), json.end(), &writer))
      return std::nullopt;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt; // a number out of range is thrown, not reported
  }
  return writer.take();
}

} // namespace parley
