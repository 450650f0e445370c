// The largest conversations of a server's store, found beside its work.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "actors/file_messages.hpp"
#include "actors/time.hpp"
#include "persistence/lane.hpp"
#include "persistence/largest_conversations.hpp"
#include "persistence/read_model.hpp"

namespace parley {

/// Looks at all conversations when somebody asks, a portion at a time on the lane, and tells the
/// same to whoever asks a little later. Safe from any thread.
class conversation_census : public std::enable_shared_from_this<conversation_census> {
public:
  conversation_census(std::shared_ptr<const read_model> model, lane_ptr own)
      : model_(std::move(model)), own_(std::move(own)) {}

  /// One JSON object with at most so many of them.
  void ask(conversation_measure by, std::size_t most, told<std::string> to);

private:
  /// What was found out.
  struct findings {
    instant when{};
    timestamp at{};
    std::uint64_t conversations = 0;
    std::vector<sized_conversation> largest;
  };
  struct waiting_one {
    std::size_t most = 0;
    told<std::string> to;
  };
  struct look {
    std::shared_ptr<const findings> last;
    std::vector<waiting_one> waiting; ///< While somebody looks.
  };

  void go_on(conversation_measure by, const std::shared_ptr<largest_conversations>& work);
  result<bool> look_at_some(largest_conversations& work) const;
  void finish(conversation_measure by, result<std::shared_ptr<const findings>> found);
  static std::string print(const findings& what, conversation_measure by, std::size_t most);

  std::shared_ptr<const read_model> model_;
  lane_ptr own_;
  std::mutex lock_;
  std::array<look, 3> looks_; ///< By what is measured; guarded by `lock_`.
};

} // namespace parley
