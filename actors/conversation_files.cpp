// What a conversation decides about the files of a message.
#include <algorithm>
#include <utility>

#include "actors/conversation_state.hpp"
#include "actors/limits.hpp"

namespace parley {

// What was looked up serves once: by the next message it may be old.
std::variant<verdict, std::vector<file_facts>>
conversation_state::files_for(const asker& who, const send_message& what, timestamp now) {
  if (!what.files)
    return std::vector<file_facts>{};
  look_up_files asked{*what.files, who.user};
  const auto known = std::exchange(files_, std::nullopt);
  if (!known || known->first != asked)
    return verdict{std::move(asked)};
  std::vector<file_facts> files;
  for (const auto& id : *what.files) {
    const auto found = std::find_if(known->second.begin(), known->second.end(),
                                    [&](const stored_file& each) { return each.what.file == id; });
    if (found == known->second.end() || !may_be_sent(*found, who.user, now))
      return verdict{refuse_with(who, error_code::not_found, "no such file")};
    if (found->uses >= limits::messages_per_file)
      return verdict{refuse_with(who, error_code::too_large, "the file is in too many messages")};
    files.push_back(found->what);
  }
  return files;
}

} // namespace parley
