// The reader actor: questions wait until the read model knows enough, then run on a reader's lane.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "persistence/store_actors.hpp"

namespace parley {

class reader : public reader_actor::base {
public:
  reader(caf::actor_config& config, store_surroundings around,
         std::shared_ptr<const model_reader> model, std::vector<lane_ptr> own);

  behavior_type make_behavior() override;
  const char* name() const override { return "reader"; }

private:
  using job = std::function<void()>;
  struct waiting_job {
    std::size_t lane;
    job work;
  };

  void on_load(const load_conversation& query);
  void on_find(const find_keys& query);
  void on_find_receipts(const find_receipts& query);
  void on_find_message(const find_message& query);
  void on_inquiry(const read_inquiry& query);
  void on_page(const read_page& query);
  void on_list(const read_list& query);
  void on_catch_up(const read_catch_up& query);
  void on_shared(const read_shared& query);
  void on_dealings(const read_dealings& query);
  void on_find_profile(const find_profile& query);
  void on_seen(const read_seen& query);
  void on_due(const read_due& query);
  void on_find_invited(const find_invited& query);
  void on_own_list(const read_own_list& query);
  void on_totals(const read_totals& query);
  void on_notifiable(const read_notifiable& query);
  void on_recent(const read_recent& query);
  void on_files(const read_files& query);
  void on_trimmable(const read_trimmable& query);
  void on_erasures(const read_erasures& query);
  void on_applied(const applied& message);

  /// Runs `work` on the lane that `whose` belongs to, once everything up to `at_least` is applied.
  void when(read_kind what, position at_least, std::size_t whose, job work);
  shard_actor shard_of(const session_address& session) const;

  store_surroundings around_;
  std::shared_ptr<const model_reader> model_;
  std::vector<lane_ptr> own_;
  std::size_t next_file_question_ = 0; ///< They are of nobody, and go to the lanes in turn.
  std::multimap<position, waiting_job> waiting_; ///< Bounded by the connections' credit.
};

} // namespace parley
