// What runs on the outbox's own thread: taking in what happened, noting what became of deliveries,
// and handing out what is due.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "actors/metrics.hpp"
#include "persistence/webhooks/outbox.hpp"
#include "persistence/webhooks/outbox_feed.hpp"
#include "persistence/webhooks/outbox_names.hpp"

namespace parley {

/// What a dispatcher needs to know of the world.
struct dispatcher_place {
  std::filesystem::path data;
  std::string epoch;
  position newest = {}; ///< Where the log ends when the dispatcher is made.
  std::function<timestamp()> wall_clock;
  std::function<std::uint64_t()> chance; ///< Any number.
};

/// One step's work.
struct dispatcher_work {
  std::optional<webhook_endpoint_list> endpoints = {}; ///< When there are others from now on.
  position newest = {};                ///< Where the log ends: a new endpoint begins behind it.
  position present = {};               ///< The model has everything up to here.
  std::vector<batch_ptr> batches = {}; ///< Contiguous, up to `present`; others are read from it.
  std::vector<webhook_answer> answers = {};
  bool may_send = true;
};

/// What follows from a step.
struct dispatcher_news {
  std::optional<timestamp> next; ///< When something is due; nothing: after an answer, or something
                                 ///< new.
  position reached = {};         ///< Batches up to here are not needed any more.
  bool steps_left = false;       ///< There is more to take in.
};

/// Used by one thread at a time. What a step that fails has not kept is not forgotten: batches are
/// read from the model again, answers are noted by the next step.
class dispatcher {
public:
  dispatcher(dispatcher_place place, std::shared_ptr<const read_model> model,
             std::shared_ptr<webhook_sender> sender, metrics_ptr metrics);

  result<dispatcher_news> step(dispatcher_work work);

  /// How far each endpoint is.
  std::vector<webhook_endpoint_state> states() const;
  /// All dead letters of an endpoint wait again; returns how many. `not_found` when there is no
  /// such endpoint.
  result<std::uint64_t> redeliver(const std::string& endpoint);

private:
  /// An endpoint at work.
  struct desk {
    outbox_feed::fed fed;
    std::uint64_t dead = 0;
    std::set<outbox_line_name> busy = {}; ///< Of these one event is under way.
    bool is_gone = false;                 ///< Until the endpoints are told anew.
    bool is_full = false;
    bool is_failing = false;              ///< The operator was told.
    std::optional<timestamp> paused = {}; ///< The endpoint asked to be left alone until then.
  };
  using desks = std::map<std::string, desk>; ///< By the endpoint's id.
  /// An attempt under way.
  struct flight {
    std::string endpoint;
    outbox_event event;
    webhook_rules::trouble trouble;
  };

  outcome open();
  outcome change(desks& all, const dispatcher_work& work);
  outcome configure(desks& all, position newest);
  outcome settle(desks& all, const webhook_answer& answer);
  outcome settle_failure(desk& at, const flight& what, const webhook_answer& answer);
  outcome feed(desks& all, const dispatcher_work& work);
  outcome feed_one(const std::string& name, desk& to, const dispatcher_work& work);
  outcome recount(desks& all);
  outcome forget_erased(desks& all, const dispatcher_work& work);
  result<dispatcher_news> hand_out(bool may_send, position present);
  /// What is due of one endpoint; returns when more is.
  result<std::optional<timestamp>> hand_out_of(desk& from, timestamp now);
  /// False when there was nothing to send.
  result<bool> send_first(desk& from, const outbox_line& line);
  /// What an event says now; nothing when it says nothing any more.
  result<std::optional<webhook_delivery>> delivery_of(const desk& from, const outbox_event& event);
  result<std::optional<webhook_delivery>> notice_of(const desk& from, const outbox_event& event);
  result<std::optional<webhook_delivery>>
  joined_notice_of(const desk& from, const outbox_event& event, webhook_delivery what);
  /// Sees to it that the end of a notification will be told.
  outcome remember(const desk& of, const outbox_event& event, sequence seq);
  outcome drop_unsendable(desk& from, const outbox_event& event);
  void tell_operator(desk& at, const webhook_answer& answer);
  void count(const webhook_answer& answer);
  void measure();

  dispatcher_place place_;
  std::shared_ptr<const read_model> model_;
  std::shared_ptr<webhook_sender> sender_;
  metrics_ptr metrics_;
  std::unique_ptr<webhook_outbox> outbox_;
  std::optional<outbox_feed> feed_;
  std::optional<outbox_names> names_;
  webhook_endpoint_list wanted_;
  bool is_configured_ = true; ///< As `wanted_` says.
  desks desks_;
  std::map<std::uint64_t, flight> flights_; ///< By the attempt's number; bounded by the endpoints.
  std::vector<webhook_answer> answers_;     ///< Not noted yet; bounded likewise.
  std::uint64_t attempts_ = 0;
  std::int64_t version_ = 0;
};

} // namespace parley
