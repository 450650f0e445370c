// Reads and writes the outbox itself, beside a server or without one; a server is told to look.
#include "transport/cli_webhooks.hpp"

#include <algorithm>
#include <iostream>
#include <sstream>
#include <string>

#include "persistence/webhooks/outbox.hpp"
#include "transport/main_control.hpp"

namespace parley {

namespace {

result<std::string> list_endpoints(webhook_outbox& outbox) {
  auto all = outbox.endpoints();
  if (!all)
    return all.error();
  std::ostringstream text;
  for (const auto& each : *all) {
    const auto counts = outbox.count(each.row);
    if (!counts)
      return counts.error();
    text << each.name << ": position " << each.progress.at.value() << ", waiting "
         << counts->waiting << ", dead letters " << counts->dead << '\n';
  }
  return text.str();
}

result<std::string> redeliver_to(webhook_outbox& outbox, const std::string& name) {
  std::uint64_t revived = 0;
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  auto done = outbox.in_transaction([&]() -> outcome {
    auto all = outbox.endpoints();
    if (!all)
      return all.error();
    const auto found =
        std::find_if(all->begin(), all->end(), [&](const auto& each) { return each.name == name; });
    if (found == all->end())
      return failure{error_code::not_found, "there is no endpoint " + name, {}};
    auto put_back = outbox.redeliver(found->row, now);
    if (!put_back)
      return put_back.error();
    revived = *put_back;
    return success();
  });
  if (!done)
    return done.error();
  return name + ": " + std::to_string(revived) + " dead letters wait again\n";
}

result<std::string> do_with_outbox(const webhooks_options& what) {
  auto outbox = webhook_outbox::open_existing(what.data);
  if (!outbox)
    return outbox.error();
  if (what.redeliver.empty())
    return list_endpoints(**outbox);
  auto told = redeliver_to(**outbox, what.redeliver);
  if (auto line = connect_control(what.data); told && line)
    (*line)->write("webhooks"); // one that is busy looks by itself before long
  return told;
}

} // namespace

int show_webhooks(const webhooks_options& what) {
  const auto told = do_with_outbox(what);
  if (!told) {
    std::cerr << "parleyd: " << told.error().message << '\n';
    return 1;
  }
  std::cout << *told;
  return std::cout.flush() ? 0 : 1;
}

} // namespace parley
