// The whole engine from a seed: many users, a random schedule, faults of several kinds, and the
// oracle.
#include <array>
#include <cstdlib>
#include <map>
#include <set>
#include <sstream>

#include "actors/erasure_desk.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/checked.hpp"
#include "tests/support/cold_scene.hpp"
#include "tests/support/model_rows.hpp"
#include "tests/support/simulation/device.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace parley;
using namespace parley::test;

namespace simulation_test {

constexpr int user_count = 6;
constexpr int steps_per_run = 12'000;

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

/// What of a run takes place, so that a failure can be made small: see tests/proof/simulated.py.
struct narrowing {
  std::vector<std::pair<std::uint64_t, std::uint64_t>>
      steps;                                  ///< From each first to before its last.
  std::set<std::string, std::less<>> without; ///< Names of happenings.
  std::uint64_t overlooked = 0;               ///< As run_state has it.
};

std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges_in(const std::string& text) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
  std::istringstream in{text};
  char between = 0;
  for (std::uint64_t first = 0, last = 0; in >> first >> between >> last; in >> between)
    ranges.emplace_back(first, last);
  return ranges;
}

std::set<std::string, std::less<>> names_in(const std::string& text) {
  std::set<std::string, std::less<>> names;
  std::istringstream in{text};
  for (std::string name; std::getline(in, name, ',');)
    names.insert(name);
  return names;
}

/// PARLEY_STEPS as `0-80,112-113`, PARLEY_WITHOUT as `crash,cool`, PARLEY_OVERLOOKED as a number.
narrowing narrowed() {
  const char* steps = std::getenv("PARLEY_STEPS");
  const char* without = std::getenv("PARLEY_WITHOUT");
  return {ranges_in(steps ? steps : "0-" + std::to_string(steps_per_run)),
          names_in(without ? without : ""), setting("PARLEY_OVERLOOKED", 0)};
}

/// One run: devices act while random jobs run, appends fail, clocks jump and the process crashes.
class simulation {
public:
  explicit simulation(std::uint64_t seed, narrowing to = narrowed())
      : seed_(seed), to_(std::move(to)), random_(seed), data_(quick_place()) {
    run_.overlooked = to_.overlooked;
    if (random_() % 3 == 0)
      retention_ = {0, 3 + random_() % 12};
    for (int i = 0; i < user_count; ++i)
      users_.push_back(user_id{"user" + std::to_string(i)});
    for (const auto& user : users_)
      for (std::uint64_t i = 0; i <= random_() % 2; ++i)
        devices_.push_back(std::make_unique<device>(run_, user));
    start();
  }

  void run() {
    for (const auto& [first, last] : to_.steps)
      for (run_.step = first; run_.step < last; ++run_.step)
        step();
    run_.step = steps_per_run;
    finish();
  }

  std::vector<std::string> faults() {
    std::vector<std::string> all = std::move(run_.faults);
    const auto add = [&](const auto& more) { all.insert(all.end(), more.begin(), more.end()); };
    run_.sends.judge(run_.all);
    add(run_.sends.faults());
    for (const auto& each : devices_) {
      add(each->view().faults());
      if (auto owed = each->owed())
        all.push_back(*owed);
    }
    find_erased(all);
    engine_.reset();
    if (auto problems = problems_of(data_.path()); !problems.empty())
      all.push_back(std::move(problems));
    return all;
  }

  std::uint64_t fingerprint() const { return run_.all.fingerprint(); }
  std::size_t acknowledged() const { return run_.sends.acknowledged_count(); }
  std::size_t events() const {
    std::size_t count = 0;
    for (const auto& [id, events] : run_.all.events())
      count += events.size();
    return count;
  }
  int crashes = 0;
  std::size_t most_segments = 0; ///< Of old events, at any time.
  std::size_t erasures() const { return run_.all.erasures(); }
  std::size_t changes(record_kind kind) const { return run_.all.changes(kind); }

private:
  void start() {
    engine_ =
        std::make_unique<engine_in_memory>(data_.path(), run_.all, random_, 2, false, retention_);
    admin_ = engine_->shard(0).open();
    order(hello{"admin root", device_id{"d"}, {}});
    for (std::size_t i = 0; i < devices_.size(); ++i)
      devices_[i]->attach(*engine_, i % engine_->shard_count());
  }

  /// What the administrator says; nobody reads the answers.
  void order(command what) {
    engine_->shard(0).say(admin_, {std::int64_t{1}, std::move(what)});
    engine_->shard(0).take(admin_, 1'000'000);
  }

  void hold_or_release() {
    if (!run_.conversations.empty())
      order(hold_conversation{
          *std::next(run_.conversations.begin(),
                     static_cast<std::ptrdiff_t>(random_() % run_.conversations.size())),
          random_() % 3 == 0});
  }

  /// Beside those who stay until the end there is one who comes and is erased, and the next one.
  void erase_or_bear() {
    if (!mortal_) {
      mortal_ = user_id{"mortal-" + std::to_string(1000 + ++mortals_)};
      users_.push_back(*mortal_);
      devices_.push_back(std::make_unique<device>(run_, *mortal_));
      return devices_.back()->attach(*engine_, 0);
    }
    device& last = *devices_.back();
    if (last.is_online())
      last.disconnect();
    const auto& faults = last.view().faults();
    run_.faults.insert(run_.faults.end(), faults.begin(), faults.end());
    devices_.pop_back();
    erasure_desk{engine_->context()}.begin(
        *std::exchange(mortal_, std::nullopt),
        random_() % 2 ? erasure_policy::anonymise : erasure_policy::remove, [](const auto&) {});
  }

  bool nobody_is_erased() {
    engine_->settle();
    const auto all = engine_->model().user_erasures({});
    return all && std::all_of(all->begin(), all->end(),
                              [](const auto& each) { return each.phase == erasure_phase::done; });
  }

  /// Whoever was erased is named nowhere.
  void find_erased(std::vector<std::string>& faults) const {
    row_dump rows = dump(engine_->model());
    rows.emplace_back("cold, unpacked", unpacked(engine_->model()));
    for (const auto& user : run_.all.erased())
      for (const auto& [key, value] : rows)
        if (key.find(user.str()) != std::string::npos ||
            value.find(user.str()) != std::string::npos)
          faults.push_back(user.str() + " is still named in " + key.substr(0, key.find('/')));
  }

  /// The process ends: by a kill, or by itself, because the applier ended by a fault.
  void crash() {
    ++crashes;
    if (random_() % 4 == 0)
      fail_applier();
    else
      collect();
    engine_.reset();
    start();
  }

  /// Without the applier the engine stops at once, whatever else is under way.
  void fail_applier() {
    collect();
    engine_->fault_applier();
    engine_->settle();
    if (engine_->failures().empty())
      run_.faults.push_back("the engine went on without its applier");
  }

  /// Faults of a life that ends.
  void collect() {
    for (const auto& each : engine_->failures())
      run_.faults.push_back("fail-stop: " + each);
    for (const auto& each : engine_->log().faults)
      run_.faults.push_back(each);
  }

  /// What may come in a step, and below which throw of 10,000 it does.
  struct happening {
    std::uint64_t below;
    std::string_view name;
    void (*come)(simulation&, device&);
  };

  static const happening& thrown(std::uint64_t dice) {
    using sim = simulation;
    static constexpr std::array<happening, 12> all{{
        {6600, "work", [](sim& run, device&) { run.engine_->step(); }},
        {8000, "act", [](sim& run, device& someone) { run.act(someone); }},
        {9400, "read", [](sim& run, device& someone) { run.read_or_wake(someone); }},
        {9430, "sleep", [](sim&, device& someone) { someone.sleep(!someone.is_asleep()); }},
        {9500, "leave", [](sim& run, device& someone) { run.leave_or_wait(someone); }},
        {9800, "wait", [](sim& run, device&) { run.wait(); }},
        {9830, "fail", [](sim& run, device&) { run.fail_or_mend(); }},
        {9845, "rest", [](sim& run, device&) { run.engine_->advance(std::chrono::seconds{30}); }},
        {9850, "crash", [](sim& run, device&) { run.crash(); }},
        {9865, "hold", [](sim& run, device&) { run.hold_or_release(); }},
        {9985, "cool", [](sim& run, device&) { run.cool(); }},
        {10'000, "erase", [](sim& run, device&) { run.erase_or_bear(); }},
    }};
    return *std::find_if(all.begin(), all.end(),
                         [&](const auto& each) { return dice < each.below; });
  }

  /// Each step has a die of its own: without one step the others stay as they are.
  void step() {
    random_.seed(seed_ * (steps_per_run + 1) + run_.step);
    const happening& next = thrown(random_() % 10'000);
    device& someone = *devices_[random_() % devices_.size()];
    if (to_.without.contains(next.name))
      return;
    run_.all.happened(next.name);
    next.come(*this, someone);
  }

  void read_or_wake(device& someone) {
    if (someone.is_asleep())
      someone.sleep(false);
    else
      someone.receive(random_() % 8 + 1);
  }

  void leave_or_wait(device& someone) {
    if (someone.is_online())
      someone.disconnect();
    else
      wait();
  }

  void wait() { engine_->advance(std::chrono::milliseconds{random_() % 1000}); }
  void fail_or_mend() { engine_->log().failing = !engine_->log().failing; }

  void cool() {
    const auto older = std::chrono::milliseconds{random_() % 1'000};
    most_segments = std::max(most_segments, engine_->cool(older));
  }

  void act(device& someone) {
    std::erase_if(users_, [&](const auto& each) { return run_.all.erased().contains(each); });
    if (someone.is_online())
      someone.act(random_, users_);
    else
      someone.connect(random_() % 8 != 0);
  }

  /// Lets everyone come back, retry, read and pull until nothing is owed.
  void finish() {
    random_.seed(seed_ * (steps_per_run + 1) + steps_per_run);
    engine_->log().failing = false;
    for (int round = 0; round < 6; ++round) {
      release_all();
      bring_back();
      if (nothing_expires() && nothing_is_too_much() && nobody_is_erased())
        break; // not even of what was said again just now
      for (int i = 0;
           i < 200 && !(nothing_expires() && nothing_is_too_much() && nobody_is_erased()); ++i)
        pass(30); // the clock of a life before may have been far ahead
    }
    engine_->settle();
    engine_->advance(std::chrono::seconds{1});
    for (const auto& each : devices_) {
      each->receive(1'000'000);
      each->judge_receipts();
      each->ask_list();
    }
    engine_->settle();
    for (const auto& each : devices_)
      each->receive(1'000'000);
    judge_presence();
    collect();
  }

  void bring_back() {
    for (int round = 0; round < 20; ++round) {
      engine_->settle();
      for (const auto& each : devices_)
        each->receive(1'000'000);
      for (const auto& each : devices_)
        each->catch_up();
    }
  }

  bool nothing_expires() {
    engine_->settle();
    const auto due = engine_->model().due(timestamp{std::chrono::hours{24 * 365 * 100}}, {});
    return due && due->items.empty();
  }

  bool nothing_is_too_much() {
    engine_->settle();
    const auto found = engine_->model().trimmable({retention_, engine_->wall_clock()});
    return found && found->items.empty();
  }

  void release_all() {
    if (engine_->shard(0).has_ended(admin_)) {
      admin_ = engine_->shard(0).open();
      order(hello{"admin root", device_id{"d"}, {}});
    }
    engine_->settle();
    for (const auto& [conversation, events] : run_.all.events())
      order(hold_conversation{conversation, false});
    engine_->settle();
  }

  /// Time in which everybody reads: who does not is passed over and let go in the end.
  void pass(int seconds) {
    for (int second = 0; second < seconds; ++second) {
      engine_->advance(std::chrono::seconds{1});
      engine_->settle();
      for (const auto& each : devices_)
        if (each->is_online())
          each->receive(1'000'000);
    }
  }

  /// Everyone is there; then half of them go, and are shown to have gone.
  void judge_presence() {
    for (const auto& each : devices_)
      each->watch(users_);
    std::set<user_id> there;
    for (const auto& each : devices_)
      there.insert(each->view().user());
    pass_and_judge(there);
    for (std::size_t i = 0; i < users_.size() / 2; ++i)
      there.erase(users_[i]);
    for (const auto& each : devices_)
      if (!there.contains(each->view().user()))
        each->disconnect();
    pass_and_judge(there);
  }

  void pass_and_judge(const std::set<user_id>& there) {
    pass(15);
    for (const auto& each : devices_)
      if (each->is_online()) {
        each->receive(1'000'000);
        each->judge_presence({users_.begin(), users_.end()}, there);
      }
  }

  run_state run_;
  std::uint64_t seed_;
  narrowing to_;
  random_source random_;
  temporary_directory data_;
  retention_bounds retention_ = {};
  std::uint64_t admin_ = 0;       ///< A session.
  std::optional<user_id> mortal_; ///< Whose device is the last one.
  int mortals_ = 0;
  std::vector<user_id> users_;
  std::vector<std::unique_ptr<device>> devices_;
  std::unique_ptr<engine_in_memory> engine_;
};

TEST_CASE("from any seed the engine keeps its promises") {
  const std::uint64_t first = setting("PARLEY_SEED", 1);
  const std::uint64_t count = setting("PARLEY_SEEDS", 200);
  std::size_t acknowledged = 0;
  std::size_t events = 0;
  int crashes = 0;
  std::size_t segments = 0;
  std::size_t erasures = 0;
  std::map<record_kind, std::size_t> changes;
  constexpr std::array changing{record_kind::edited,    record_kind::erased,   record_kind::reacted,
                                record_kind::hidden,    record_kind::pinned,   record_kind::invited,
                                record_kind::uninvited, record_kind::joined,   record_kind::trimmed,
                                record_kind::held,      record_kind::released, record_kind::blocked,
                                record_kind::unblocked};
  std::uint64_t fingerprint = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    INFO("PARLEY_SEED=" << seed << " PARLEY_SEEDS=1 repeats this");
    simulation run{seed};
    run.run();
    acknowledged += run.acknowledged();
    events += run.events();
    crashes += run.crashes;
    segments += run.most_segments;
    erasures += run.erasures();
    for (const auto kind : changing)
      changes[kind] += run.changes(kind);
    const auto faults = run.faults();
    for (const auto& each : faults)
      UNSCOPED_INFO(each);
    fingerprint = fingerprint * 31 + run.fingerprint();
    REQUIRE(faults.empty());
  }
  WARN(count << " seeds: " << events << " events, " << acknowledged << " acknowledged sends, "
             << crashes << " crashes, " << changes[record_kind::edited] << " edits, "
             << changes[record_kind::erased] << " deletions, " << changes[record_kind::reacted]
             << " reactions, " << changes[record_kind::hidden] << " hidden messages, "
             << changes[record_kind::pinned] << " pins, " << changes[record_kind::invited]
             << " invitations, " << changes[record_kind::uninvited] << " that were taken back, "
             << changes[record_kind::joined] << " taken up, " << changes[record_kind::trimmed]
             << " times that the oldest went, " << changes[record_kind::held] << " holds, "
             << changes[record_kind::blocked] << " blocks, " << segments << " segments, "
             << erasures << " users erased, fingerprint " << fingerprint);
  if (count < 100)
    return; // too few for what happens once in five
  for (const auto kind : changing)
    CHECK(changes[kind] > count / 10);
  CHECK(acknowledged > count * 20);
  CHECK(segments > count / 10);
  CHECK(erasures > count / 2);
}

} // namespace simulation_test
