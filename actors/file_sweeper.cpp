// One look at a time; nothing is kept in memory but when the next file is to go.
#include "actors/file_sweeper.hpp"

#include <algorithm>
#include <utility>

#include "actors/limits.hpp"
#include "actors/log.hpp"

namespace parley {

file_sweeper::file_sweeper(caf::actor_config& config, context_ptr context)
    : file_sweeper_actor::base(config), context_(std::move(context)) {}

file_sweeper::behavior_type file_sweeper::make_behavior() {
  return {
      [this](const file_sweep_due&) { on_due(); },
      [this](const unused_found& message) { on_unused(message); },
      [this](const drop_settled& message) { on_settled(message); },
      [this](const kept_found& message) { on_kept(message); },
      [this](const blobs_listed& message) { on_listed(message); },
  };
}

void file_sweeper::on_due() {
  if (is_first_ && context_->files)
    list(0);
  if (!clock_.believes(context_->wall_clock(), context_->steady_clock())) {
    if (clock_.jumped())
      context_->log->warn("clock_jumped no_file_goes_for_seconds={}",
                          std::chrono::seconds{limits::clock_trust}.count());
    return sweep_in(limits::expiry_doubt);
  }
  look();
}

// No send is under way when the server has just begun: what was waited for is over.
void file_sweeper::look() {
  timestamp until = context_->wall_clock();
  if (std::exchange(is_first_, false))
    until += limits::unused_file_stays;
  const auto tell_us = [self = handle_of<file_sweeper_actor>(this)](result<unused_files> found) {
    tell_from_outside(self, unused_found{std::move(found)});
  };
  tell(this, context_->handles->reader,
       read_files{find_unused{until, tell_us}, context_->marks->committed()});
}

void file_sweeper::on_unused(const unused_found& message) {
  next_ = message.found ? message.found->next : std::nullopt;
  if (!message.found || message.found->items.empty())
    return sweep_in(limits::file_sweep);
  record dropped;
  dropped.kind = record_kind::files_dropped;
  dropped.at = context_->wall_clock();
  dropped.files = message.found->items;
  append what{{}, {}, std::make_shared<const record>(std::move(dropped)), {}};
  what.told = [self = handle_of<file_sweeper_actor>(this),
               files = message.found->items](outcome how) {
    tell_from_outside(self, drop_settled{files, std::move(how)});
  };
  tell(this, context_->handles->log_writer, std::move(what));
}

void file_sweeper::on_settled(const drop_settled& message) {
  if (message.how)
    ask_for_kept(message.files, true);
  else
    sweep_in(limits::file_sweep);
}

// Some may have been sent again meanwhile, and stay.
void file_sweeper::ask_for_kept(std::vector<file_id> files, bool ends_sweep) {
  const auto tell_us = [self = handle_of<file_sweeper_actor>(this), files,
                        ends_sweep](result<std::vector<stored_file>> found) {
    tell_from_outside(self, kept_found{files, std::move(found), ends_sweep});
  };
  tell(this, context_->handles->reader,
       read_files{find_files{std::move(files), tell_us}, context_->marks->committed()});
}

void file_sweeper::on_kept(const kept_found& message) {
  if (message.found && context_->files) {
    std::vector<file_id> gone;
    for (const auto& id : message.asked)
      if (std::none_of(message.found->begin(), message.found->end(),
                       [&](const stored_file& each) { return each.what.file == id; }))
        gone.push_back(id);
    if (!gone.empty())
      context_->files->remove(std::move(gone));
  }
  if (message.ends_sweep)
    look(); // there may be more
  else if (place_ < blobs::places)
    list(place_);
}

// --- What a crash left behind --------------------------------------------------------------------

void file_sweeper::list(unsigned place) {
  place_ = place + 1;
  context_->files->list(
      place, [self = handle_of<file_sweeper_actor>(this), place](std::vector<file_id> files) {
        tell_from_outside(self, blobs_listed{place, std::move(files)});
      });
}

void file_sweeper::on_listed(const blobs_listed& message) {
  if (!message.files.empty())
    ask_for_kept(message.files, false);
  else if (place_ < blobs::places)
    list(place_);
}

void file_sweeper::sweep_in(std::chrono::nanoseconds delay) {
  if (next_)
    delay = std::clamp<std::chrono::nanoseconds>(*next_ - context_->wall_clock(),
                                                 std::chrono::milliseconds{100}, delay);
  tell_later(this, handle_of<file_sweeper_actor>(this), delay, file_sweep_due{});
}

} // namespace parley
