// Question "connect": what it costs when a user who is in M conversations connects, anew or after
// having been away.
#include <algorithm>
#include <cmath>

#include <unistd.h>

#include "bench/commands.hpp"
#include "bench/fleet.hpp"
#include "bench/latencies.hpp"
#include "bench/questions/questions.hpp"
#include "bench/usage.hpp"

namespace parley::bench {
namespace {

constexpr std::size_t usual_conversations = 2000;
constexpr std::size_t usual_members = 2;  // of each: the user and another one
constexpr std::size_t first_messages = 4; // in each, before anything is measured
constexpr std::size_t few = 20;           // conversations that change for someone away for a moment
constexpr std::size_t usual_connects = 50;
constexpr double applied_seconds = 0.5;   // for the read model to have all of it
constexpr double settle_seconds = 0.01;   // for what the server does behind its last byte
constexpr useconds_t closing_us = 30'000; // for what it does when the socket is gone

/// Another user, who makes conversations with ours and writes into them.
class Author : public EnvelopeSink {
public:
  Author(const Target& target, std::span<const Account> author, double patience)
      : fleet_(target.endpoint(), author), patience_(patience) {
    fleet_.open(patience);
    fleet_.listen(this);
  }

  void found(const std::vector<std::string>& with, std::size_t conversations) {
    for (std::size_t i = 0; i < conversations; ++i) {
      const auto ref = fleet_.next_ref();
      command_.clear();
      encode_create_group(command_, ref, with);
      auto made = fleet_.request(fleet_[0], ref, command_, patience_);
      conversations_.push_back({std::move(made.conversation), made.seq});
    }
  }
  /// So many messages into each of the conversations first … last - 1.
  void write(std::size_t first, std::size_t last, std::size_t messages) {
    for (std::size_t i = first; i < last; ++i)
      for (std::size_t n = 0; n < messages; ++n) {
        ++conversations_[i].head;
        queue([&](std::string& out, auto ref) {
          encode_send(out, ref, conversations_[i].id, std::string(100, 'x'));
        });
      }
    settle();
  }
  /// Moves the author's own cursor in all of them.
  void read_all() {
    for (const auto& each : conversations_)
      queue([&](std::string& out, auto ref) { encode_read(out, ref, each.id, each.head); });
    settle();
  }
  void leave() { fleet_.close(); }

private:
  struct Conversation {
    std::string id;
    std::uint64_t head;
  };

  void on_envelope(Connection&, const Envelope& envelope) override { open_ -= envelope.ref != 0; }
  template <class Encode>
  void queue(Encode encode) {
    command_.clear();
    encode(command_, fleet_.next_ref());
    fleet_.send(fleet_[0], command_);
    ++open_;
  }
  void settle() {
    fleet_.run_until([this] { return open_ == 0; },
                     Deadline::in(patience_ + static_cast<double>(open_) / 500),
                     [this] { return std::to_string(open_) + " answers to the author"; });
    fleet_.run_for(applied_seconds);
  }

  Fleet fleet_;
  double patience_;
  std::vector<Conversation> conversations_;
  std::size_t open_ = 0;
  std::string command_;
};

/// What the user must be told on return.
struct Missed {
  std::string since; // empty: nothing, since nothing is said of where they were
  std::size_t messages = 0;
  std::size_t receipts = 0;
};

/// Connects one user again and again, always from the same point.
class Visitor : public EnvelopeSink {
public:
  Visitor(const Target& target, Account who, double patience)
      : target_(target), who_(std::move(who)), patience_(patience) {
    who_.device = "device";
  }

  Answer measure(std::size_t conversations, std::size_t members, std::size_t visits,
                 const Missed& missed);
  /// Where a device would go on that has seen everything so far.
  std::string cursor_now() {
    visit({});
    return cursor_;
  }

private:
  void on_envelope(Connection& connection, const Envelope& envelope) override;
  void visit(const Missed& missed);

  const Target& target_;
  Account who_;
  double patience_;
  std::string cursor_;
  std::uint64_t synced_ns_ = 0;
  std::size_t messages_ = 0;
  std::size_t receipts_ = 0;
  Latencies welcomes_;
  Latencies whole_;
  Latencies costs_;
  Latencies closing_costs_;
};

void Visitor::on_envelope(Connection& connection, const Envelope& envelope) {
  const auto since_hello = now_ns() - connection.hello_ns();
  if (envelope.type == "welcome") {
    cursor_ = envelope.cursor;
    welcomes_.add(since_hello);
  } else if (envelope.type == "synced") {
    synced_ns_ = since_hello;
  }
  messages_ += envelope.type == "message";
  receipts_ += envelope.type == "receipt";
}

void Visitor::visit(const Missed& missed) {
  synced_ns_ = messages_ = receipts_ = 0;
  who_.since = missed.since;
  const double before = target_.cpu_seconds();
  Fleet fleet(target_.endpoint(), {&who_, 1});
  fleet.listen(this);
  fleet.open(patience_);
  if (!missed.since.empty()) {
    fleet.run_until([this] { return synced_ns_ > 0; }, Deadline::in(patience_),
                    [] { return "`synced`"; });
    whole_.add(synced_ns_);
  }
  fleet.run_for(settle_seconds);
  const double live = target_.cpu_seconds();
  fleet.close();
  usleep(closing_us);
  costs_.add(seconds_to_ns(live - before));
  closing_costs_.add(seconds_to_ns(target_.cpu_seconds() - live));
  if (messages_ != missed.messages || receipts_ != missed.receipts)
    fail("the user was told ", messages_, " messages and ", receipts_, " receipts, not ",
         missed.messages, " and ", missed.receipts);
}

Answer Visitor::measure(std::size_t conversations, std::size_t members, std::size_t visits,
                        const Missed& missed) {
  for (Latencies* each : {&welcomes_, &whole_, &costs_, &closing_costs_})
    each->clear();
  UsageMeter meter(target_);
  for (std::size_t i = 0; i < visits; ++i)
    visit(missed);
  const auto remark = meter.read().remark();
  const double unknown = std::nan("");
  const bool resumes = !missed.since.empty();
  return {{{"conversations M", static_cast<double>(conversations), 0},
           {"members of each", static_cast<double>(members), 0},
           {"missed messages (– without `since`)",
            resumes ? static_cast<double>(missed.messages) : unknown, 0},
           {"missed receipts", resumes ? static_cast<double>(missed.receipts) : unknown, 0},
           {"connects", static_cast<double>(visits), 0},
           {"server CPU ms p50", costs_.percentile_ms(0.5), 2},
           {"max", costs_.percentile_ms(1), 2},
           {"`welcome` after ms p50", welcomes_.percentile_ms(0.5), 2},
           {"`synced` after ms p50", whole_.percentile_ms(0.5), 2},
           {"closing: server CPU ms p50", closing_costs_.percentile_ms(0.5), 2}},
          remark};
}

} // namespace

std::vector<Answer> ask_connect(const Options& options) {
  const auto conversations = options.conversations_or(usual_conversations);
  const auto visits = options.connections > 0 ? options.connections : usual_connects;
  const auto members = std::max(options.members_or(usual_members), usual_members);
  const auto target = Target::prepare(options, members);
  const std::span<const Account> accounts{target->accounts()};
  Author author(*target, accounts.last(1), options.patience);
  std::vector<std::string> others; // the user whom we measure, and those who do nothing
  for (const auto& each : accounts.first(members - 1))
    others.push_back(each.user);
  author.found(others, conversations);
  author.write(0, conversations, first_messages);

  Visitor visitor(*target, accounts[0], options.patience);
  std::vector<Answer> rows;
  const auto measure = [&](const Missed& missed) {
    rows.push_back(visitor.measure(conversations, members, visits, missed));
  };
  measure({});
  const auto begin = visitor.cursor_now();
  measure({begin, 0, 0});
  const auto some = std::min(few, conversations);
  author.write(0, some, 1);
  measure({begin, some, 0});
  author.write(some, conversations, 1);
  measure({begin, conversations, 0});
  const auto behind_messages = visitor.cursor_now();
  author.read_all();
  measure({behind_messages, 0, conversations});
  measure({begin, conversations, conversations});
  author.leave();
  target->stop();
  return rows;
}

} // namespace parley::bench
