// Question "growth": what the same operations cost as the store and the conversations grow.
#include <algorithm>
#include <cmath>
#include <iostream>

#include "bench/commands.hpp"
#include "bench/conversation_setup.hpp"
#include "bench/filled_store.hpp"
#include "bench/group_traffic.hpp"
#include "bench/page_load.hpp"
#include "bench/questions/questions.hpp"

namespace parley::bench {
namespace {

constexpr std::size_t usual_messages = 10'000'000;
constexpr std::size_t fewest_messages = 10'000;
constexpr std::size_t most_members = 10'000;
constexpr std::size_t step = 10; // from one point to the next
constexpr std::size_t usual_operations = 1000;
constexpr std::size_t wide = 32; // sends in flight when only their price is of interest

/// One point: what is not measured there is NaN.
struct Point {
  double messages = std::nan("");
  double members = std::nan("");
  double filled_per_second = std::nan("");
  double data_mib = std::nan("");
  double ack_p50_ms = std::nan("");
  double ack_p99_ms = std::nan("");
  double send_us = std::nan("");
  double wide_send_us = std::nan("");
  double history_p50_ms = std::nan("");
  double history_p99_ms = std::nan("");
  double list_p50_ms = std::nan("");
  double list_p99_ms = std::nan("");
};

Answer describe(const Point& point) {
  return {{{"stored messages", point.messages, 0},
           {"members", point.members, 0},
           {"filled at sends/s", point.filled_per_second, 0},
           {"data MiB", point.data_mib, 0},
           {"send ack p50 ms", point.ack_p50_ms, 3},
           {"send ack p99 ms", point.ack_p99_ms, 3},
           {"server CPU µs/send, 1 in flight", point.send_us, 1},
           {"server CPU µs/send, 32 in flight", point.wide_send_us, 1},
           {"history page p50 ms", point.history_p50_ms, 3},
           {"history page p99 ms", point.history_p99_ms, 3},
           {"list page p50 ms", point.list_p50_ms, 3},
           {"list page p99 ms", point.list_p99_ms, 3}},
          ""};
}

/// A long measurement that is broken off has shown what it had.
Answer tell(Answer answer) {
  for (const auto& figure : answer.figures)
    if (!std::isnan(figure.value))
      std::cerr << figure.name << ": " << format_number(figure.value, figure.decimals) << "; ";
  std::cerr << '\n';
  return answer;
}

double microseconds_each(const Writing& wrote) {
  return wrote.usage.server_seconds * 1e6 / static_cast<double>(wrote.messages);
}

void measure_pages(FilledStore& store, std::size_t operations, double patience, Point& point) {
  std::mt19937_64 random{42};
  const PageLoad::Encode history = [&](std::string& out, std::uint64_t ref) {
    const auto place = store.random_place(random);
    encode_history(out, ref, store.conversations().id_of(place.conversation), place.before,
                   FilledStore::page_events);
  };
  const PageLoad::Encode list = [](std::string& out, std::uint64_t ref) {
    encode_list(out, ref, {});
  };
  PageLoad pages(store.target().endpoint(), store.reader(), 1, patience);
  pages.run(history, operations, FilledStore::page_events);
  point.history_p50_ms = pages.latencies().percentile_ms(0.5);
  point.history_p99_ms = pages.latencies().percentile_ms(0.99);
  pages.latencies().clear();
  pages.run(list, operations, 0);
  point.list_p50_ms = pages.latencies().percentile_ms(0.5);
  point.list_p99_ms = pages.latencies().percentile_ms(0.99);
}

Answer with_stored(FilledStore& store, std::size_t messages, std::size_t operations,
                   double patience) {
  Point point;
  const auto filled = store.fill(messages);
  point.messages = static_cast<double>(store.messages());
  if (filled.messages > 0)
    point.filled_per_second = static_cast<double>(filled.messages) / filled.usage.seconds;
  point.data_mib = store.target().stored_bytes() / 1048576;
  auto one = store.write(operations, 1, true);
  point.ack_p50_ms = one.acks.percentile_ms(0.5);
  point.ack_p99_ms = one.acks.percentile_ms(0.99);
  point.send_us = microseconds_each(one);
  point.wide_send_us = microseconds_each(store.write(operations * wide / 4, wide, true));
  measure_pages(store, operations, patience, point);
  return tell(describe(point));
}

/// One member of many is there and writes.
class Speaker {
public:
  Speaker(const Target& target, std::span<const Account> members, double patience)
      : target_(target), fleet_(target.endpoint(), members.first(1)), patience_(patience) {
    DeliveryCheck made(members.size());
    create_conversations(target.endpoint(), members, 1, made, patience);
    const std::size_t self = 0;
    fleet_.open(patience);
    const auto ref = fleet_.next_ref();
    std::string command;
    encode_get(command, ref, made.conversation_of(fleet_[0]));
    const auto reply = fleet_.request(fleet_[0], ref, command, patience);
    check_.add(reply.conversation, reply.seq, {&self, 1});
  }
  ~Speaker() { fleet_.close(); }

  Writing write(std::uint64_t messages, std::size_t window, std::size_t body) {
    GroupTraffic traffic(fleet_, check_, body);
    std::uint64_t left = messages;
    const auto send_next = [&] {
      if (left > 0)
        traffic.send(fleet_[0], 0, now_ns());
      left -= left > 0;
    };
    traffic.after_ack([&](Connection&, std::size_t) { send_next(); });
    traffic.start_timing();
    fleet_.start_refs_after(read_clock_ns(CLOCK_REALTIME) / 1000);
    UsageMeter meter(target_);
    for (std::size_t i = 0; i < window; ++i)
      send_next();
    fleet_.run_until([&] { return left == 0; }, Deadline::in(patience_ * 4),
                     [&] { return std::to_string(left) + " sends"; });
    traffic.drain(patience_);
    fleet_.run_for(1); // what the read model does for them belongs to their price
    check_.verify();
    return {messages, meter.read(), std::move(traffic.acks())};
  }

private:
  const Target& target_;
  Fleet fleet_;
  GroupCheck check_;
  double patience_;
};

Answer with_members(const Target& target, std::span<const Account> members, std::size_t operations,
                    const Options& options) {
  Speaker speaker(target, members, options.patience);
  Point point;
  point.members = static_cast<double>(members.size());
  auto one = speaker.write(operations, 1, options.body);
  point.ack_p50_ms = one.acks.percentile_ms(0.5);
  point.ack_p99_ms = one.acks.percentile_ms(0.99);
  point.send_us = microseconds_each(one);
  point.wide_send_us = microseconds_each(speaker.write(operations * wide / 4, wide, options.body));
  return tell(describe(point));
}

/// Ten thousand, ten times as many and so on, and at last the most that are asked for.
std::vector<std::size_t> points_up_to(std::size_t most) {
  std::vector<std::size_t> points;
  for (std::size_t messages = fewest_messages; messages < most; messages *= step)
    points.push_back(messages);
  points.push_back(most);
  return points;
}

} // namespace

std::vector<Answer> ask_growth(const Options& options) {
  const auto largest = options.members_or(most_members);
  const auto operations = usual_operations / (options.quick ? 5 : 1);
  const auto most = options.stored_or(usual_messages);
  FilledStore store(options, largest);
  std::vector<Answer> rows;
  if (options.store.empty()) {
    for (std::size_t members = step; members <= largest; members *= step)
      rows.push_back(with_members(store.target(), store.further_accounts().first(members),
                                  operations, options));
    for (const auto messages : points_up_to(most))
      rows.push_back(with_stored(store, messages, operations, options.patience));
  } else { // it may have been filled before, so that the largest point is all there is to see
    rows.push_back(with_stored(store, most, operations, options.patience));
  }
  store.target().stop();
  return rows;
}

} // namespace parley::bench
