// A store with the search index beside it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "persistence/search/index_feed.hpp"
#include "persistence/search/reindex.hpp"
#include "persistence/search/search_query.hpp"
#include "tests/support/store_of_test.hpp"

namespace parley::test {

/// A store and an index that follows it batch by batch, or is made from the store.
class searched_store : public store_of_test {
public:
  std::filesystem::path place() const { return search_directory(path()); }

  void write_and_feed(const std::vector<record_ptr>& records) {
    const auto first = log()->head().value() + 1;
    write_each(records);
    std::vector<batch_ptr> batches;
    for (const auto& each : records)
      batches.push_back(batch_at(first + batches.size(), {each}));
    must(feed(index(), batches));
  }

  search_index& index() {
    if (!index_)
      index_ = must(search_index::open(place(), get().epoch(), log()->head()));
    return *index_;
  }
  void close_index() { index_.reset(); }

  /// Everything anew, from the model alone.
  void rebuild() {
    close_index();
    must(search_index::remove(place()));
    catch_up();
  }
  void catch_up() {
    index_catch_up work{index(), *model()};
    while (!must(work.step())) {
    }
  }

  result<search_results> ask(const std::string& user, const search_messages& what) {
    auto reader = must(search_reader::open(place(), 7));
    return search(*reader, *model(), user_id{user}, what, index().at());
  }
  /// "room/2 room/1": hits in the order they came.
  std::string found(const std::string& user, const std::string& query,
                    search_order order = search_order::newest) {
    search_messages what;
    what.query = query;
    what.order = order;
    return text_of(must(ask(user, what)));
  }
  static std::string text_of(const search_results& results) {
    std::string text;
    for (const auto& each : results.hits)
      text += (text.empty() ? "" : " ") + each.conversation.str() + "/" +
              std::to_string(each.seq.value());
    return text;
  }

private:
  std::unique_ptr<search_index> index_;
};

} // namespace parley::test
