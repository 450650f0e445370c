// Asks for one page after another over each of some connections, and times the answers.
#pragma once

#include <chrono>
#include <functional>
#include <thread>

#include "bench/fleet.hpp"
#include "bench/in_flight.hpp"
#include "bench/latencies.hpp"

namespace parley::bench {

class PageLoad : public EnvelopeSink {
public:
  /// Appends the next request under this ref.
  using Encode = std::function<void(std::string& out, std::uint64_t ref)>;

  /// Signs in as this user, so many times: a connection has one request in flight, since a server
  /// may do the commands of one connection one by one.
  PageLoad(const Endpoint& endpoint, const Account& reader, std::size_t connections,
           double patience_seconds)
      : sessions_(connections, reader), fleet_(endpoint, sessions_), patience_(patience_seconds) {
    fleet_.open(patience_);
    fleet_.listen(this);
  }
  ~PageLoad() override { fleet_.close(); }

  /// Asks so often; each answer must have so many items if that is not 0.
  void run(const Encode& encode, std::size_t requests, std::uint64_t items) {
    items_wanted_ = items;
    encode_ = &encode;
    left_ = requests;
    for (std::size_t i = 0; i < fleet_.size(); ++i)
      ask_next(fleet_[i]);
    fleet_.run_until([this] { return left_ == 0 && in_flight_.count() == 0; },
                     Deadline::in(patience_ + static_cast<double>(requests) / 20),
                     [this] { return std::to_string(left_ + in_flight_.count()) + " pages"; });
  }

  /// An answer that the server is overloaded is no failure from here on: the same is asked again
  /// after a while, in which it is left alone.
  void ask_again_when_overloaded() { fleet_.take_overload(); }

  Latencies& latencies() { return latencies_; }
  /// Of all answers so far.
  std::uint64_t items() const { return items_; }
  /// Of the last answer; empty at the end of a list.
  const std::string& cursor() const { return cursor_; }

private:
  static constexpr std::chrono::milliseconds until_asked_again{100};

  void ask_next(Connection& from) {
    if (left_ == 0)
      return;
    --left_;
    const auto ref = fleet_.next_ref();
    command_.clear();
    (*encode_)(command_, ref);
    in_flight_.add(ref, from, now_ns());
    fleet_.send(from, command_);
  }
  void on_envelope(Connection& connection, const Envelope& envelope) override {
    if (envelope.type == "error") {
      in_flight_.take(envelope.ref, connection);
      ++left_;
      std::this_thread::sleep_for(until_asked_again);
      return ask_next(connection);
    }
    if (envelope.ref == 0 ||
        (envelope.type != "page" && envelope.type != "conversations" && envelope.type != "results"))
      return;
    latencies_.add(now_ns() - in_flight_.take(envelope.ref, connection));
    if (items_wanted_ != 0 && envelope.items != items_wanted_)
      connection.fail_here("a page has ", envelope.items, " items, not ", items_wanted_);
    items_ += envelope.items;
    cursor_ = envelope.cursor;
    ask_next(connection);
  }

  std::vector<Account> sessions_;
  Fleet fleet_;
  double patience_;
  InFlight in_flight_;
  Latencies latencies_;
  const Encode* encode_ = nullptr;
  std::size_t left_ = 0;
  std::uint64_t items_wanted_ = 0;
  std::uint64_t items_ = 0;
  std::string cursor_;
  std::string command_;
};

} // namespace parley::bench
