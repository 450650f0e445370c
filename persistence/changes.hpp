// What batches of the log change in the read model: collected row by row, then written in order.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "actors/record.hpp"
#include "persistence/cold_changes.hpp"
#include "persistence/file_changes.hpp"
#include "persistence/message_changes.hpp"
#include "persistence/read_model.hpp"
#include "persistence/receipt_changes.hpp"
#include "persistence/rows.hpp"
#include "persistence/tallies.hpp"

namespace parley {

/// Depends on nothing but the model and the batches: no clock, no chance. Each row is read at most
/// once and written once, however many batches touch it.
class model_changes {
public:
  /// `base` is what the model holds; it must not change before `write`.
  explicit model_changes(const transaction& base)
      : base_(base), receipts_(base_), tallies_(base_), messages_(base_), files_(base_),
        cold_(base_) {}
  model_changes(const model_changes&) = delete;
  model_changes& operator=(const model_changes&) = delete;

  /// First of all, where users were ever erased: reads whose names are being forgotten, unless it
  /// is known that nobody's are.
  outcome read_erasures(bool is_erasing);
  /// Whether that will have to be read again.
  bool is_erasing() const;
  /// Adds a batch; `internal` when it does not continue what is there.
  outcome add(const committed_batch& batch);

  /// Notifications that were made or have grown, and that are over.
  const notices_so_far& notices() const noexcept { return counted_; }

  /// Writes everything, by table and rising key.
  void write(write_transaction& to) const;

private:
  using row = std::pair<std::string, std::string>;
  template <class Row>
  using overlay = std::unordered_map<std::string, Row>;

  /// A conversation's row, and what its new events need not be read again for.
  struct changed_conversation {
    conversation_row row;
    sequence before;                       ///< The head in the model.
    std::vector<message_ordinal> ordinals; ///< Of each event behind it.
  };

  outcome add(const record& what, position at);
  /// What the record says, under the names that it has.
  outcome add_as_named(const record& what, position at);
  outcome add_of_users(const record& what, position at);
  /// What has no number of its own.
  outcome add_beside(const record& what, position at, changed_conversation& in);
  result<changed_conversation*> conversation_of(const conversation_id& id);
  result<membership_row*> membership_of(const user_id& user, const conversation_id& conversation);
  outcome open_conversation(const record& what, conversation_row& into);
  outcome join(const membership& who, const record& what, position at, conversation_row& into);
  outcome begin_receipt(const user_id& user, const record& what, const conversation_row& in);
  outcome part(const user_id& who, const record& what, position at, conversation_row& into);
  outcome part_with_all(const record& what, position at, conversation_row& into);
  result<std::vector<user_id>> members_of(const conversation_id& conversation) const;
  outcome block(const record& what);
  outcome notify(const record& what, position at);
  outcome dismiss(const record& what, position at);
  result<tuning_row*> tuning_of(const user_id& user);
  outcome tune(const record& what);
  outcome settle_alone(const record& what, position at);
  outcome withdraw(const user_id& user, const conversation_id& conversation, sequence read);
  result<std::optional<notice_row>*> notice_of(const user_id& user,
                                               const conversation_id& conversation);
  outcome change_role(const membership& who, const record& what);
  outcome add_tallies(const record& what, conversation_row& into);
  outcome add_receipts(const record& what, position at, changed_conversation& into);
  outcome add_receipt(const member_receipt& moved, const record& what, position at,
                      const changed_conversation& in);
  result<message_ordinal> ordinal_at(const conversation_id& conversation, sequence seq,
                                     const changed_conversation& in) const;
  void add_event(const record& what, position at, changed_conversation& into);
  outcome restrict(const record& what);
  outcome note_invitations(const record& what, position at);
  void end_invitation(const conversation_id& conversation, const user_id& user);
  outcome end_all_invitations(const conversation_id& conversation);
  result<bool> is_invited(const conversation_id& conversation, const user_id& user) const;
  outcome keep(const record& what, position at, const conversation_row& in);
  outcome hide(const record& what, position at, conversation_row& into);
  outcome trim(const record& what, position at, changed_conversation& in);
  /// How far an erasure has got, or what is kept of an export (changes_of_names.cpp).
  outcome note_receipt(const record& what, position at);
  outcome note_erasure(const record& what, position at);
  outcome note_export(const record& what);
  outcome change_message(const record& what, changed_conversation& in);
  outcome bury(const record& what, const tombstone& which, const changed_conversation& in);
  result<std::optional<event_row>> event_of(const conversation_id& conversation, sequence seq,
                                            const changed_conversation& in) const;
  /// The record, if it says something else of a message than the model.
  result<std::optional<record>> as_message_is_known(const record& what);
  /// The record, if it says something else of who invited somebody.
  result<std::optional<record>> as_inviter_is_known(const record& what);
  result<bool> is_in_any(const user_id& user) const;
  void add_key(const record& what);

  row_reader base_;
  std::vector<row> events_;
  std::vector<row> keys_;
  overlay<changed_conversation> conversations_;
  overlay<membership_row> memberships_;
  overlay<std::optional<member_row>> members_; ///< Nothing: to be deleted.
  std::vector<row> condemned_;
  receipt_changes receipts_;
  tally_changes tallies_;
  message_changes messages_;
  file_changes files_;
  cold_changes cold_;
  overlay<std::optional<preference_row>> preferences_;                ///< Nothing: to be deleted.
  overlay<std::optional<restriction>> restrictions_;                  ///< Likewise.
  overlay<std::optional<invitation>> invitations_;                    ///< Likewise.
  overlay<std::optional<invited_row>> invited_;                       ///< Likewise.
  std::map<std::pair<model_table, std::string>, std::string> blocks_; ///< Empty: to be erased.
  overlay<std::optional<hold_row>> holds_;                            ///< Likewise.
  std::map<std::string, bool> expiries_; ///< Whether the row is there from now on.
  overlay<user_row> users_;
  overlay<std::optional<notice_row>> notices_; ///< Nothing: to be deleted.
  notices_so_far counted_;
  overlay<tuning_row> tunings_;
  overlay<user_profile> profiles_;
  overlay<erasure_row> erasures_;
  overlay<export_row> exports_;
  bool has_erasures_ = false;        ///< Users were erased, now or ever.
  std::vector<erasure_row> erasing_; ///< Whose names are being forgotten.
  position decided_;                 ///< 0: as before.
};

} // namespace parley
