// Who asks is known; whether there is a place, and whether everything acknowledged can be read.
#include "actors/export_desk.hpp"

#include <atomic>
#include <utility>

#include "actors/limits_of_exports.hpp"

namespace parley {

result<std::shared_ptr<const void>> export_book::begin(const user_id& by) {
  const std::lock_guard guard{lock_};
  if (all_ >= limits::exports_at_once)
    return failure{error_code::rate_limited, "too many exports at a time",
                   limits::retry_when_exporting};
  const auto found = users_.find(by);
  if (found != users_.end() && found->second >= limits::exports_per_user)
    return failure{error_code::rate_limited, "too many exports of this user at a time",
                   limits::retry_when_exporting};
  ++users_[by];
  ++all_;
  return std::shared_ptr<const void>{
      nullptr, [self = shared_from_this(), by](const void*) { self->end(by); }};
}

void export_book::end(const user_id& by) {
  const std::lock_guard guard{lock_};
  const auto found = users_.find(by);
  --all_;
  if (--found->second == 0)
    users_.erase(found);
}

namespace {

/// One that is let go of before its end was broken off, and has no receipt.
class counted_export final : public export_stream,
                             public std::enable_shared_from_this<counted_export> {
public:
  counted_export(std::shared_ptr<export_stream> from, context_ptr context)
      : from_(std::move(from)), context_(std::move(context)) {
    of(context_->metrics->exports, export_stage::begun).add();
  }
  ~counted_export() override {
    of(context_->metrics->exports, has_ended_ ? export_stage::ended : export_stage::failed).add();
  }
  counted_export(const counted_export&) = delete;
  counted_export& operator=(const counted_export&) = delete;

  void read(told<std::string> to) override {
    from_->read([self = shared_from_this(), to = std::move(to)](const result<std::string>& bytes) {
      const auto receipt = bytes && !self->is_kept_ ? self->from_->receipt() : nullptr;
      if (receipt)
        return self->keep(*receipt, *bytes, to);
      self->has_ended_ = bytes && bytes->empty();
      to(bytes);
    });
  }

private:
  void keep(const export_receipt& receipt, const std::string& last, const told<std::string>& to) {
    append what{{}, {}, record_of_export(receipt), {}};
    what.told = [self = shared_from_this(), last, to](const outcome& how) {
      self->is_kept_ = how.ok();
      to(how ? result<std::string>{last} : how.error());
    };
    tell_from_outside(context_->handles->log_writer, std::move(what));
  }

  std::shared_ptr<export_stream> from_;
  context_ptr context_;
  std::atomic<bool> is_kept_{false};
  std::atomic<bool> has_ended_{false};
};

} // namespace

// An empty question to the reader is answered once everything that was acknowledged is applied.
void export_desk::open(const std::variant<conversation_id, user_id>& what, const identity& who,
                       told<opened_export> to) {
  const auto* user = std::get_if<user_id>(&what);
  if (user != nullptr && !who.admin && *user != who.user)
    return to(failure{error_code::not_found, "no such user", {}});
  if (context_->rates) {
    const instant now = context_->steady_clock();
    if (const auto wait =
            context_->rates->of(who.user, now)->take(now, limits::commands_of_an_export)) {
      of(context_->metrics->rate_limited, rate_kind::user).add();
      return to(failure{error_code::rate_limited, "too many commands of this user", wait});
    }
  }
  auto place = book_->begin(who.user);
  if (!place)
    return to(place.error());
  export_question asked{what, who.admin ? std::nullopt : std::optional{who.user}};
  asked.receipt = export_receipt_id(context_->wall_clock(), context_->random_id());
  asked.by = who.user;
  const auto go_on = [from = exports_, asked = std::move(asked), place = *place, in = context_,
                      to = std::move(to)](const result<std::vector<stored_file>>& applied) {
    if (!applied)
      return to(applied.error());
    from->open(asked, [place, in, to](const result<std::shared_ptr<export_stream>>& opened) {
      if (opened)
        to(opened_export{std::make_shared<counted_export>(*opened, in), place});
      else
        to(opened.error());
    });
  };
  tell_from_outside(context_->handles->reader,
                    read_files{find_files{{}, go_on}, context_->marks->committed()});
}

void export_desk::find(const std::string& id, told<std::string> to) {
  const auto tell_them = [to = std::move(to)](const result<std::vector<std::string>>& found) {
    if (!found)
      return to(found.error());
    if (found->empty())
      return to(failure{error_code::not_found, "no such receipt", {}});
    to(found->front());
  };
  tell_from_outside(context_->handles->reader,
                    read_erasures{find_exports{id, {}, tell_them}, context_->marks->committed()});
}

void export_desk::list(const std::optional<std::string>& before,
                       told<std::vector<std::string>> to) {
  tell_from_outside(
      context_->handles->reader,
      read_erasures{find_exports{{}, before, std::move(to)}, context_->marks->committed()});
}

} // namespace parley
