// Beast parses, the rules decide, and this carries it out.
#include "transport/http_session.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <utility>

#include "actors/limits.hpp"
#include "transport/download_session.hpp"
#include "transport/erasure_session.hpp"
#include "transport/export_receipt_session.hpp"
#include "transport/export_session.hpp"
#include "transport/http_fields.hpp"
#include "transport/http_head.hpp"
#include "transport/lingering_session.hpp"
#include "transport/rest/body_session.hpp"
#include "transport/rest/rest_session.hpp"
#include "transport/shard.hpp"
#include "transport/upload_session.hpp"
#include "transport/websocket_session.hpp"

namespace parley {

namespace {

/// The moment and the socket: good enough to find a request again in two logs.
std::string new_request_id(std::uint32_t shard, std::uint64_t socket) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  std::array<char, 24> digits{};
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(),
                    std::chrono::duration_cast<std::chrono::microseconds>(now).count(), 36)
          .ptr;
  return std::string(digits.data(), end) + "-" + std::to_string(shard) + "-" +
         std::to_string(socket);
}

} // namespace

http_session::http_session(shard& on, std::uint64_t key, link_ptr link, std::string received)
    : socket_session(key), shard_(on), link_(std::move(link)), received_(std::move(received)),
      comes_behind_answer_(!received_.empty()), deadline_(shard::now() + limits::header_deadline) {
  link_->owned_by(this);
  shard_.arm(key, deadline_);
  if (received_.empty()) // else what is there comes first, at the end of this turn
    link_->await_readable();
}

http_session::~http_session() {
  if (!link_)
    return;
  link_->owned_by(nullptr);
  link_->close();
}

void http_session::on_readable() {
  const auto buffer = shard_.receive_buffer();
  const ssize_t got = link_->receive(buffer);
  if (got < 0) {
    shard_.bury(*this);
    return;
  }
  received_.append(buffer.data(), static_cast<std::size_t>(got));
  serve();
}

// One after another, each answer written before the next request is looked at: nothing piles up.
void http_session::serve() {
  for (is_behind_answer_ = std::exchange(comes_behind_answer_, false);
       !writer_.finishing() && !writer_.pending(); is_behind_answer_ = true) {
    const bool more = serve_one();
    if (!link_ || !write() || !more)
      return;
  }
}

/// What is being answered from now on; what was received behind it goes along.
template <class Session, class Request, class... Rest>
void http_session::become(Request&& asked, Rest&&... rest) {
  shard& on = shard_;
  if (asked.how.request_id.empty())
    asked.how.request_id = new_request_id(on.index(), key());
  on.replace(*this, std::make_unique<Session>(on, key(), std::move(link_), std::move(asked),
                                              std::forward<Rest>(rest)..., std::move(received_)));
}

/// Answers one request; false when none is complete, or when this is no HTTP socket any more.
bool http_session::serve_one() {
  const auto size = http_head::size_in(received_);
  if (size.value_or(received_.size()) > http_head::most_bytes) {
    answer(problem(431, "too_large", "headers are too long"), "GET");
    return false;
  }
  if (!size)
    return false;
  const std::string head = received_.substr(0, *size);
  received_.erase(0, head.size());
  const http_head request{head};
  if (!request.is_good()) {
    answer(problem(400, "bad_request", "malformed request"), "GET");
    return false;
  }
  http_request facts = request.facts();
  facts.bytes_behind = received_.size();
  facts.from_loopback = link_->is_operators() || link_->is_loopback();
  if (link_->is_operators() && !find(facts, "authorization"))
    facts.headers.push_back({"Authorization", shard_.shared()->operators_bearer});
  auto decision = decide(facts, shard_.shared()->config, shard_.shared()->condition());
  return std::visit([&](auto& what) { return carry_out(what, facts, head); }, decision);
}

bool http_session::carry_out(const http_answer& what, const http_request& asked,
                             const std::string&) {
  answer(counted(what), asked.method);
  return true;
}

bool http_session::carry_out(const metrics_question& what, const http_request& asked,
                             const std::string&) {
  const edge& all = *shard_.shared();
  answer(answer_metrics(what, all.authenticate, all.print_metrics), asked.method);
  return true;
}

bool http_session::carry_out(const upgrade& what, const http_request& asked, const std::string&) {
  if (is_behind_answer_) // nobody waits for answers in between
    answer(problem(400, "bad_request", "wait for the answers before upgrading"), asked.method);
  else
    become_websocket(what);
  return false;
}

bool http_session::carry_out(file_upload& what, const http_request&, const std::string& head) {
  become<upload_session>(std::move(what), head);
  return false;
}

bool http_session::carry_out(file_download& what, const http_request&, const std::string&) {
  become<download_session>(std::move(what));
  return false;
}

bool http_session::carry_out(export_request& what, const http_request&, const std::string&) {
  become<export_session>(std::move(what));
  return false;
}

bool http_session::carry_out(export_receipt_request& what, const http_request&,
                             const std::string&) {
  become<export_receipt_session>(std::move(what));
  return false;
}

bool http_session::carry_out(erasure_request& what, const http_request&, const std::string&) {
  become<erasure_session>(std::move(what));
  return false;
}

bool http_session::carry_out(rest_request& what, const http_request&, const std::string& head) {
  if (what.has_body)
    become<body_session>(std::move(what), head);
  else
    become<rest_session>(std::move(what));
  return false;
}

/// A server that takes work and answers 503 has as many sessions as it may.
const http_answer& http_session::counted(const http_answer& what) const {
  const edge& all = *shard_.shared();
  if (what.status == 503 && all.condition().ready)
    of(all.metrics->connections_refused, refusal_kind::sessions).add();
  return what;
}

void http_session::answer(const http_answer& what, std::string_view method) {
  const std::string bytes = serialize(what, method, shard_.shared()->config);
  if (what.close)
    writer_.finish(bytes);
  else
    writer_.control(bytes);
  deadline_ = shard::now() + limits::header_deadline;
  shard_.arm(key(), deadline_);
}

void http_session::become_websocket(const upgrade& chosen) {
  shard& on = shard_;
  on.replace(*this, std::make_unique<websocket_session>(on, key(), std::move(link_), chosen));
}

/// True when everything is written and the connection goes on.
bool http_session::write() {
  bool progressed = false;
  outbox nothing;
  switch (writer_.write(nothing, encoding::json, *link_, progressed)) {
  case write_state::broken:
    shard_.bury(*this);
    return false;
  case write_state::blocked:
    link_->await_writable();
    return false;
  case write_state::drained:
    break;
  }
  if (writer_.finished()) {
    end();
    return false;
  }
  link_->await_readable();
  return true;
}

void http_session::end() {
  shard& on = shard_;
  on.replace(*this, std::make_unique<lingering_session>(on, key(), std::move(link_)));
}

void http_session::on_deadline(instant now) {
  if (now < deadline_)
    return;
  if (received_.empty() || writer_.finishing()) {
    shard_.bury(*this);
    return;
  }
  answer(problem(408, "bad_request", "the request took too long"), "GET");
  write();
}

void http_session::drain(instant) {
  writer_.finish({});
  write();
}

} // namespace parley
