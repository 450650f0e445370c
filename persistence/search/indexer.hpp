// The indexer actor: the search index follows the log, and searches wait until it has.
#pragma once

#include <deque>
#include <map>
#include <memory>

#include "persistence/search/index_writer.hpp"
#include "persistence/search/search_index.hpp"
#include "persistence/store_actors.hpp"

namespace parley {

class indexer : public indexer_actor::base {
public:
  indexer(caf::actor_config& config, store_surroundings around, const search_place& place,
          std::shared_ptr<const read_model> model, lane_ptr writing, lane_ptr reading);

  behavior_type make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "indexer"; }

private:
  void on_committed(const committed& message);
  void on_search(const read_search& query);
  void on_finished(const index_finished& message);
  void on_damaged();

  /// Starts a step if there is reason to, or sees to it that a later moment does.
  void consider();
  void start();
  void wake_in(std::chrono::nanoseconds delay);
  /// By the actor system's clock, which tests turn by hand.
  instant now() const { return home_system().clock().now(); }
  std::vector<batch_ptr> next_batches() const;
  bool can_go_on() const;
  bool is_ready_for(position wanted) const;
  void answer_ready();
  /// Those who have waited since then, or longer.
  void refuse_waiting(instant asked_until);
  void refuse_all(const failure& why);
  void pause();
  void measure() const;
  void run(const read_search& query);
  void refuse(const read_search& query, const failure& why);
  shard_actor shard_of(const session_address& session) const;

  /// What only the reading lane touches.
  struct desk {
    std::filesystem::path directory;
    std::uint64_t cursor_key = 0;
    std::unique_ptr<search_reader> index;

    result<search_results> find(const model_reader& model, const read_search& query);
    bool is_damaged() const { return index && index->is_damaged(); }
  };

  store_surroundings around_;
  std::shared_ptr<const read_model> model_;
  std::shared_ptr<index_writer> writer_;
  std::shared_ptr<desk> desk_;
  lane_ptr writing_;
  lane_ptr reading_;
  position indexed_;
  position newest_;            ///< Of the log, as far as it was told.
  std::deque<batch_ptr> kept_; ///< Contiguous; what is not kept is read from the model again.
  std::size_t kept_records_ = 0;
  std::size_t kept_bytes_ = 0; ///< Of events.
  struct waiting_search {
    read_search query;
    instant since{};
  };
  std::multimap<position, waiting_search> waiting_; ///< Bounded by the connections' credit.
  bool running_ = false;
  bool steps_left_ = true; ///< The index is opened by its first step.
  bool rebuilding_ = true;
  instant rebuilding_since_{};
  bool waking_ = false;
  bool resting_ = false; ///< The last step failed: the next one comes in a while.
  bool failing_ = false; ///< The operator was told.
};

} // namespace parley
