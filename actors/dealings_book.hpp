// What is known of users' blocks and switches where they are shown to others.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "actors/ids.hpp"
#include "actors/queries.hpp"
#include "actors/watermarks.hpp"

namespace parley {

/// Between whom and the user stands a block; null: nobody.
user_list_ptr sorted_apart(const dealings& found);

/// Plain object. What was read of a user is believed until their blocks or switches may have
/// changed; then it has to be read anew.
class dealings_book {
public:
  struct known {
    bool is_shown = true;    ///< To anybody at all.
    user_list_ptr apart;     ///< Between whom and the user stands a block; null: nobody.
    user_list_ptr hidden;    ///< Those who have blocked the user; null: nobody.
    bool sees_others = true; ///< False: too many have blocked them to know whom they may see.
  };

  /// Null when it has to be read first.
  const known* of(const user_id& user, const membership_marks& marks) const;
  /// Whether it has to be asked for now: false while it is being read.
  bool ask(const user_id& user);
  /// Takes what was read.
  void learn(const user_id& user, const dealings& found);
  /// It could not be read.
  void failed(const user_id& user);
  /// Whether anything is being read.
  bool is_asking() const noexcept { return asking_ > 0; }

private:
  struct entry {
    known what;
    position as_of;
    bool is_known = false;
    bool is_asked = false;
  };

  void trim();

  std::unordered_map<user_id, entry> entries_;
  std::size_t asking_ = 0;
};

} // namespace parley
