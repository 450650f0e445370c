// Question "many": what memory a server takes that has C conversations on disk and U of them in
// use, beside one that has only those U.
#include <algorithm>

#include "bench/commands.hpp"
#include "bench/fleet.hpp"
#include "bench/questions/questions.hpp"
#include "bench/usage.hpp"

namespace parley::bench {
namespace {

constexpr std::size_t usual_conversations = 1'000'000;
constexpr std::size_t in_use = 10'000;
constexpr std::size_t usual_connections = 300; // of the users of those in use
constexpr std::size_t bystanders = 1000;       // whose conversations the others are
constexpr std::size_t bystander_step = 7;      // so that each has many different partners
constexpr double settle_seconds = 2; // a conversation stays in memory for a minute without commands
constexpr double slowest_creates_per_second = 300;

/// Makes conversations of two, each connection one after another.
class Founders : public EnvelopeSink {
public:
  Founders(const Target& target, std::span<const Account> accounts, double patience)
      : accounts_(accounts), fleet_(target.endpoint(), accounts), patience_(patience) {
    fleet_.open(patience + static_cast<double>(accounts.size()) / 200);
    fleet_.listen(this);
  }

  /// Returns their ids, each under the number of the connection that made it.
  std::vector<std::vector<std::string>> found(std::size_t conversations) {
    made_.resize(fleet_.size());
    to_found_ = missing_ = conversations;
    for (std::size_t i = 0; i < fleet_.size(); ++i)
      found_next(fleet_[i]);
    const double most = static_cast<double>(conversations) / slowest_creates_per_second;
    fleet_.run_until([this] { return missing_ == 0; }, Deadline::in(patience_ + most),
                     [this] { return std::to_string(missing_) + " conversations"; });
    fleet_.close();
    return std::move(made_);
  }

private:
  void found_next(Connection& from) {
    if (to_found_ == 0)
      return;
    const auto partner = (from.index() + 1 + to_found_ * bystander_step) % accounts_.size();
    --to_found_;
    const std::vector<std::string> members{accounts_[partner].user};
    command_.clear();
    encode_create_group(command_, fleet_.next_ref(), members);
    fleet_.send(from, command_);
  }
  void on_envelope(Connection& connection, const Envelope& envelope) override {
    if (envelope.type != "conversation" || envelope.ref == 0)
      return; // the other member is told, too
    made_[connection.index()].emplace_back(envelope.conversation);
    --missing_;
    found_next(connection);
  }

  std::span<const Account> accounts_;
  Fleet fleet_;
  double patience_;
  std::vector<std::vector<std::string>> made_;
  std::size_t to_found_ = 0;
  std::size_t missing_ = 0;
  std::string command_;
};

/// Sends one message into each conversation of each connection.
class Users : public EnvelopeSink {
public:
  Users(Fleet& fleet, const std::vector<std::vector<std::string>>& conversations)
      : fleet_(fleet), conversations_(conversations), next_(fleet.size()) {
    fleet.listen(this);
    for (const auto& each : conversations)
      missing_ += each.size();
  }

  void write(double patience) {
    for (std::size_t i = 0; i < fleet_.size(); ++i)
      write_next(fleet_[i]);
    fleet_.run_until([this] { return missing_ == 0; }, Deadline::in(patience),
                     [this] { return std::to_string(missing_) + " acknowledgements"; });
  }

private:
  void write_next(Connection& from) {
    const auto& mine = conversations_[from.index()];
    std::size_t& next = next_[from.index()];
    if (next == mine.size())
      return;
    command_.clear();
    encode_send(command_, fleet_.next_ref(), mine[next++], body_);
    fleet_.send(from, command_);
  }
  void on_envelope(Connection& connection, const Envelope& envelope) override {
    if (envelope.type != "sent")
      return;
    --missing_;
    write_next(connection);
  }

  Fleet& fleet_;
  const std::vector<std::vector<std::string>>& conversations_;
  std::vector<std::size_t> next_;
  std::size_t missing_ = 0;
  std::string body_ = std::string(100, 'x');
  std::string command_;
};

Answer ask_with(const Options& options, std::size_t conversations) {
  const auto connections = options.connections > 0 ? options.connections : usual_connections;
  const auto target = Target::prepare(options, connections + bystanders);
  const std::span<const Account> accounts{target->accounts()};
  const auto users = accounts.first(connections);
  const auto used = std::min(in_use, conversations);
  const auto filling_since = now_ns();
  if (conversations > used)
    Founders(*target, accounts.subspan(connections), options.patience).found(conversations - used);
  const auto filled_ns = now_ns() - filling_since;
  const auto conversations_of = Founders(*target, users, options.patience).found(used);

  const double warm_seconds = target->restart(false);
  const double cold_seconds = target->restart(true);
  const Memory before = target->memory();
  Fleet fleet(target->endpoint(), users);
  fleet.open(options.patience);
  fleet.run_for(settle_seconds);
  const Memory connected = target->memory();
  Users load(fleet, conversations_of);
  UsageMeter meter(*target);
  load.write(options.patience);
  const Usage usage = meter.read();
  fleet.run_for(settle_seconds);
  const Memory after = target->memory();
  const double stored = target->stored_bytes();
  fleet.close();
  target->stop();
  const auto count = static_cast<double>(used);
  return {{{"conversations C", static_cast<double>(conversations), 0},
           {"in use U", count, 0},
           {"connections", static_cast<double>(connections), 0},
           {"created/s",
            static_cast<double>(conversations - used) * 1e9 /
                static_cast<double>(std::max<std::uint64_t>(filled_ns, 1)),
            0},
           {"data MiB", stored / 1048576, 0},
           {"start, cached ms", warm_seconds * 1e3, 1},
           {"start, not cached ms", cold_seconds * 1e3, 1},
           {"own memory at start MiB", before.anonymous_kib / 1024, 1},
           {"connected MiB", connected.anonymous_kib / 1024, 1},
           {"in use MiB", after.anonymous_kib / 1024, 1},
           {"KiB/conversation in use", (after.anonymous_kib - connected.anonymous_kib) / count, 2},
           {"mapped pages of files MiB", after.mapped_kib / 1024, 1},
           {"first message to each: sent/s", count / usage.seconds, 0},
           {"server CPU µs/send", usage.server_seconds * 1e6 / count, 1}},
          usage.remark()};
}

} // namespace

std::vector<Answer> ask_many(const Options& options) {
  const auto conversations = options.conversations_or(usual_conversations);
  return {ask_with(options, std::min(in_use, conversations)), ask_with(options, conversations)};
}

} // namespace parley::bench
