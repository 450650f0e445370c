// What a check found: problems, a limited number of them in words, and how much was looked at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string_view>

#include "persistence/schema.hpp"

namespace parley {

class check_report {
public:
  explicit check_report(std::ostream& out) : out_(out) {}

  void problem(std::string_view what) {
    if (++problems_ <= shown)
      out_ << what << '\n';
    else if (problems_ == shown + 1)
      out_ << "… further problems are only counted\n";
  }
  void problem(model_table table, std::string_view key, std::string_view what) {
    problem(describe_row(table, key).append(" ").append(what));
  }
  void problem(const failure& why) { problem(why.message); }

  std::size_t problems() const noexcept { return problems_; }

  std::uint64_t batches = 0;
  std::uint64_t events = 0;
  std::uint64_t keys = 0;
  std::uint64_t conversations = 0;
  std::uint64_t memberships = 0;
  std::uint64_t receipts = 0;
  position applied;

  void summarise() {
    out_ << "checked " << conversations << " conversations, " << events << " events, " << keys
         << " idempotency keys, " << memberships << " memberships, " << receipts
         << " members' unread counts, " << batches << " batches of the log; applied up to "
         << applied.value() << ": ";
    if (problems_ == 0)
      out_ << "no problems\n";
    else
      out_ << problems_ << (problems_ == 1 ? " problem\n" : " problems\n");
  }

private:
  static constexpr std::size_t shown = 100;
  std::ostream& out_;
  std::size_t problems_ = 0;
};

} // namespace parley
