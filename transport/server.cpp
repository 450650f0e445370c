// Starts and ends in the right order: listener last and first, actors' mail in between.
#include "transport/server.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

#include <boost/asio/post.hpp>

#include "actors/limits.hpp"
#include "transport/local_address.hpp"
#include "transport/peer_address.hpp"

namespace parley {

server::server(caf::actor_system& system, edge_ptr shared, const cursor_sealer& cursors,
               position start, std::size_t shards, const tls_ptr& tls)
    : shared_(std::move(shared)), is_plain_(tls == nullptr) {
  for (std::uint32_t i = 0; i < shards; ++i) {
    io_thread each;
    each.work = std::make_unique<shard>(i, shared_, cursors, start);
    each.actor = std::make_unique<bridge>(system, *each.work);
    threads_.push_back(std::move(each));
  }
  listener_ = std::make_unique<listener>(
      threads_.front().work->io(),
      [this](int descriptor, const sockaddr_storage& peer) { return deal(descriptor, peer); },
      [this](std::string_view request) {
        of(shared_->metrics->connections_refused, refusal_kind::descriptors).add();
        return is_plain_ ? refuse_for_now(request, shared_->config, shared_->condition())
                         : std::string{};
      });
  renew_tls(tls);
}

server::~server() {
  stop();
  listener_.reset();
  operators_.reset();
  for (auto& each : threads_)
    each.actor.reset();
}

std::vector<shard_actor> server::handles() const {
  std::vector<shard_actor> all;
  for (const auto& each : threads_)
    all.push_back(each.actor->handle());
  return all;
}

outcome server::listen(const net::ip::tcp::endpoint& at) { return listener_->open(at); }

outcome server::adopt(int descriptor) { return listener_->adopt(descriptor); }

std::string server::where() const {
  std::ostringstream text;
  text << listener_->where();
  return text.str();
}

outcome server::listen_for_operators(const std::filesystem::path& directory) {
  auto& first = *threads_.front().work;
  auto made = std::make_unique<local_listener>(first.io(), [&first](int descriptor) {
    first.adopt(descriptor, shard::entrance::operators);
  });
  if (auto opened = made->open(directory, operators_file); !opened)
    return opened;
  operators_ = std::move(made);
  return success();
}

namespace {

/// What the shards say, until all of them have.
struct connected_so_far {
  std::mutex lock;
  std::size_t missing = 0;
  connected_list all;
};

} // namespace

void server::list_connected(connected_question asked, told<connected_list> to) {
  auto found = std::make_shared<connected_so_far>();
  found->missing = threads_.size();
  for (auto& each : threads_)
    each.work->door()->post([work = each.work.get(), asked, found, to] {
      auto some = work->connected(asked);
      const std::lock_guard guard{found->lock};
      add_connected(found->all, std::move(some), asked.most);
      if (--found->missing == 0)
        to(std::move(found->all));
    });
}

void server::start() {
  listener_->start();
  if (operators_)
    operators_->start();
  for (auto& each : threads_) {
    each.thread = std::thread{[work = each.work.get()] { work->run(); }};
    ::pthread_setname_np(each.thread.native_handle(), "parley.shard");
  }
}

void server::renew_tls(const tls_ptr& tls) {
  for (auto& each : threads_)
    each.work->use_tls(tls);
}

std::optional<std::string> server::deal(int descriptor, const sockaddr_storage& peer) {
  engine_metrics& all = *shared_->metrics;
  if (shared_->addresses)
    if (const auto wait = shared_->addresses->take(network_of(peer), shard::now())) {
      of(all.connections_refused, refusal_kind::address_rate).add();
      of(all.rate_limited, rate_kind::address).add();
      return is_plain_ ? refuse_too_fast(*wait, shared_->config) : std::string{};
    }
  all.connections_accepted.add();
  threads_[next_].work->adopt(descriptor, peer.ss_family == AF_INET6 ? shard::entrance::v6
                                                                     : shard::entrance::v4);
  next_ = (next_ + 1) % threads_.size();
  return std::nullopt;
}

bool server::is_alive_since(instant when) const {
  return std::all_of(threads_.begin(), threads_.end(),
                     [when](const auto& each) { return each.work->ticked_at() >= when; });
}

bool server::drain() {
  shared_->ready = false;
  net::post(threads_.front().work->io(), [this] {
    listener_->stop();
    if (operators_)
      operators_->stop();
  });
  for (auto& each : threads_)
    net::post(each.work->io(), [this, work = each.work.get()] {
      work->drain([this] {
        const std::lock_guard guard{lock_};
        ++drained_;
        changed_.notify_all();
      });
    });
  std::unique_lock guard{lock_};
  return changed_.wait_for(guard, limits::drain_deadline,
                           [this] { return drained_ == threads_.size(); });
}

void server::stop() {
  for (auto& each : threads_)
    each.work->stop();
  for (auto& each : threads_)
    if (each.thread.joinable())
      each.thread.join();
}

} // namespace parley
