// Fills a store with many conversations through the log and apply: for measuring, not for promises.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "persistence/record_codec.hpp"
#include "persistence/replay.hpp"
#include "tests/support/store_of_test.hpp"

namespace parley::test {

/// `messages` messages of `body` bytes spread over `conversations`, in batches of `batch` records.
inline void fill_store(store& into, std::size_t messages, std::size_t conversations,
                       std::size_t batch, std::size_t body) {
  story told;
  std::vector<record_ptr> waiting;
  const auto flush = [&] {
    must(into.log()->append(encode_batch(waiting)));
    waiting.clear();
    if (into.log()->head().value() % 32 == 0)
      must(replay_all(*into.log(), *into.model()));
    into.log()->trim(into.model()->applied());
  };
  const auto add = [&](record_ptr what) {
    waiting.push_back(std::move(what));
    if (waiting.size() == batch)
      flush();
  };
  const auto name = [](std::size_t i) { return "conversation-" + std::to_string(i); };
  for (std::size_t i = 0; i < conversations; ++i)
    add(told.created(
        name(i), {"user-" + std::to_string(i % 1000), "user-" + std::to_string(i % 997 + 1000)}));
  for (std::size_t i = 0; i < messages; ++i)
    add(told.message(name(i * 7919 % conversations), "user-" + std::to_string(i % 1000),
                     std::string(body, 'x')));
  if (!waiting.empty())
    flush();
  must(replay_all(*into.log(), *into.model()));
}

} // namespace parley::test
