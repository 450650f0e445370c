// Who is told over HTTP, as the operator's file has it, and what applications answer.
#include <string>

#include "actors/utf8.hpp"
#include "tests/fuzz/decoders.hpp"
#include "transport/origin.hpp"
#include "transport/screening_message.hpp"
#include "transport/webhook_config.hpp"
#include "transport/webhook_exchange.hpp"
#include "transport/webhook_message.hpp"
#include "transport/webhook_url.hpp"

namespace parley::fuzz {

void read_webhook(std::string_view bytes) {
  if (const auto target = parse_webhook_url(bytes)) {
    const std::string url =
        (target->secure ? "https://" : "http://") + host_field(*target) + target->path;
    const auto again = parse_webhook_url(url);
    promise(again.ok() && host_field(*again) == host_field(*target) && again->path == target->path,
            "a URL is taken apart in one way");
  }
  if (const auto endpoints = parse_webhooks(bytes))
    for (const auto& each : *endpoints)
      promise(!each->id.empty() && !each->secrets.empty(), "an endpoint has a name and a secret");
  (void)webhook_secret_of(bytes);
  if (const auto verdict = parse_screening(200, bytes))
    promise(is_utf8(verdict->body) && is_utf8(verdict->reason), "what applications say is text");
  if (const auto wait = retry_after_of(bytes, timestamp{std::chrono::seconds{1'769'860'800}}))
    promise(wait->count() >= 0, "nobody waits until yesterday");
  (void)is_own_origin(bytes, bytes.substr(bytes.size() / 2));
  (void)is_loopback_host(bytes);
}

} // namespace parley::fuzz
