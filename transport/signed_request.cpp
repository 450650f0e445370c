// The body is whole before it is signed.
#include "transport/signed_request.hpp"

#include <utility>

#include "transport/webhook_message.hpp"
#include "transport/webhook_url.hpp"

namespace parley {

std::shared_ptr<http_line::request>
signed_request(const webhook_target& to, const std::string& agent, std::string_view id,
               timestamp now, const std::vector<std::string>& secrets, std::string body) {
  namespace http = boost::beast::http;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch();
  auto made = std::make_shared<http_line::request>(http::verb::post, to.path, 11, std::move(body));
  made->set(http::field::host, host_field(to));
  made->set(http::field::user_agent, agent);
  made->set(http::field::content_type, "application/json");
  made->set("webhook-id", std::string{id});
  made->set("webhook-timestamp", std::to_string(seconds.count()));
  if (!secrets.empty())
    made->set("webhook-signature", webhook_signatures(secrets, id, seconds, made->body()));
  made->prepare_payload();
  return made;
}

} // namespace parley
