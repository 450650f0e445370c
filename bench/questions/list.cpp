// Question "list": what the whole list of a user in M conversations costs, page by page.
#include "bench/commands.hpp"
#include "bench/group_setup.hpp"
#include "bench/page_load.hpp"
#include "bench/questions/questions.hpp"
#include "bench/usage.hpp"

namespace parley::bench {
namespace {

constexpr std::size_t usual_conversations = 2000;
constexpr std::size_t usual_lists = 50;
constexpr std::size_t messages_in_each = 4;

} // namespace

Answer ask_list(const Options& options) {
  const auto conversations = options.conversations_or(usual_conversations);
  const auto lists = usual_lists / (options.quick ? 5 : 1);
  const auto target = Target::prepare(options, 2);
  const std::vector<Members> groups(conversations, Members{0, 1});
  auto made = found_groups(target->endpoint(), target->accounts(), groups, options.patience);
  write_into_each(target->endpoint(), target->accounts()[1], made, messages_in_each, options.body,
                  options.patience);

  PageLoad pages(target->endpoint(), target->accounts()[0], 1, options.patience);
  const PageLoad::Encode next = [&](std::string& out, std::uint64_t ref) {
    encode_list(out, ref, pages.cursor());
  };
  Latencies whole;
  UsageMeter meter(*target);
  for (std::size_t i = 0; i < lists; ++i) {
    const auto items_before = pages.items();
    const auto since = now_ns();
    do
      pages.run(next, 1, 0);
    while (!pages.cursor().empty());
    whole.add(now_ns() - since);
    if (pages.items() - items_before != conversations)
      fail("the list has ", pages.items() - items_before, " conversations, not ", conversations);
  }
  const Usage usage = meter.read();
  const auto count = static_cast<double>(lists);
  const auto pages_read = static_cast<double>(pages.latencies().count());
  target->stop();
  return {{{"conversations M", static_cast<double>(conversations), 0},
           {"lists", count, 0},
           {"pages of each", pages_read / count, 1},
           {"page p50 ms", pages.latencies().percentile_ms(0.5), 2},
           {"page p99 ms", pages.latencies().percentile_ms(0.99), 2},
           {"whole list p50 ms", whole.percentile_ms(0.5), 2},
           {"whole list p99 ms", whole.percentile_ms(0.99), 2},
           {"server CPU ms/list", usage.server_seconds * 1e3 / count, 2},
           {"server CPU µs/page", usage.server_seconds * 1e6 / pages_read, 1},
           {"client CPU %", usage.client_share * 100, 0}},
          usage.remark()};
}

} // namespace parley::bench
