// One step calls the next: what is read, what is written, and what the log says.
#include "actors/file_desk.hpp"

#include <utility>

#include "actors/limits.hpp"

namespace parley {

// --- How many ------------------------------------------------------------------------------------

outcome upload_book::begin(const user_id& by) {
  const std::lock_guard guard{lock_};
  if (uploads_ >= limits::uploads_at_once)
    return failure{error_code::overloaded, "too many uploads at a time",
                   limits::retry_when_overloaded};
  of_user& theirs = users_[by];
  if (theirs.uploads >= limits::uploads_per_user)
    return failure{error_code::rate_limited, "too many uploads of this user at a time",
                   limits::retry_when_overloaded};
  ++theirs.uploads;
  ++uploads_;
  return success();
}

void upload_book::end(const user_id& by, std::uint64_t expected) {
  const std::lock_guard guard{lock_};
  const auto found = users_.find(by);
  --uploads_;
  found->second.bytes -= expected;
  if (--found->second.uploads == 0)
    users_.erase(found);
}

outcome upload_book::expect(const user_id& by, std::uint64_t bytes, const unsent_files& on_disk) {
  const std::lock_guard guard{lock_};
  of_user& theirs = users_[by];
  if (on_disk.files + theirs.uploads > limits::unsent_files ||
      on_disk.bytes + theirs.bytes + bytes > limits::unsent_bytes)
    return failure{error_code::rate_limited, "too much was uploaded and not sent yet",
                   limits::retry_when_unsent};
  theirs.bytes += bytes;
  return success();
}

result<std::shared_ptr<const void>> download_book::begin(const user_id& by) {
  const std::lock_guard guard{lock_};
  std::size_t& theirs = users_[by];
  if (theirs >= limits::downloads_per_user)
    return failure{error_code::rate_limited, "too many downloads of this user at a time",
                   limits::retry_when_overloaded};
  ++theirs;
  return std::shared_ptr<const void>{
      nullptr, [self = shared_from_this(), by](const void*) { self->end(by); }};
}

void download_book::end(const user_id& by) {
  const std::lock_guard guard{lock_};
  const auto found = users_.find(by);
  if (--found->second == 0)
    users_.erase(found);
}

namespace {

// --- An upload -----------------------------------------------------------------------------------

/// Bytes of an id, in hexadecimal twice as many digits.
constexpr std::size_t id_bytes = 16;

/// A place in the book, given back with it.
class place_in_book {
public:
  place_in_book(std::shared_ptr<upload_book> book, user_id by)
      : book_(std::move(book)), by_(std::move(by)) {}
  ~place_in_book() { book_->end(by_, expected_); }
  place_in_book(const place_in_book&) = delete;
  place_in_book& operator=(const place_in_book&) = delete;

  outcome expect(std::uint64_t bytes, const unsent_files& on_disk) {
    auto granted = book_->expect(by_, bytes, on_disk);
    expected_ = granted ? bytes : 0;
    return granted;
  }

private:
  std::shared_ptr<upload_book> book_;
  user_id by_;
  std::uint64_t expected_ = 0;
};

failure too_large() { return {error_code::too_large, "the file is too large", {}}; }

/// Shared with whatever is under way for it, so that what is not known yet is not given up.
class upload_under_way final : public upload,
                               public std::enable_shared_from_this<upload_under_way> {
public:
  upload_under_way(context_ptr context, std::shared_ptr<place_in_book> place, upload_request what,
                   std::uint64_t most_bytes)
      : context_(std::move(context)), place_(std::move(place)), by_(std::move(what.by)),
        most_bytes_(most_bytes) {
    facts_.file = file_id{hex(digest_of({"file", context_->random_id()}), id_bytes)};
    facts_.name = std::move(what.name);
    facts_.type = std::move(what.type);
  }

  const file_id& id() const noexcept { return facts_.file; }
  void into(std::shared_ptr<incoming_blob> blob) { blob_ = std::move(blob); }

  void write(std::string bytes, told_outcome to) override {
    facts_.size += bytes.size();
    if (facts_.size > most_bytes_)
      return to(too_large());
    blob_->write(std::move(bytes), std::move(to));
  }

  void finish(told<file_facts> to) override {
    blob_->keep([self = shared_from_this(), to = std::move(to)](const result<digest>& kept) {
      if (!kept)
        return to(kept.error());
      self->facts_.sha256 = *kept;
      if (self->context_->erasing->contains(self->by_)) { // meanwhile
        self->context_->files->remove({self->facts_.file});
        return to(failure{error_code::forbidden, "this user is being erased", {}});
      }
      self->write_down(to);
    });
  }

private:
  void write_down(const told<file_facts>& to) {
    record added;
    added.kind = record_kind::file_added;
    added.actor = by_;
    added.at = context_->wall_clock();
    added.file = std::make_shared<const file_facts>(facts_);
    append what{{}, {}, std::make_shared<const record>(std::move(added)), {}, {}};
    what.told = [self = shared_from_this(), to](const outcome& how) {
      if (how) {
        of(self->context_->metrics->files, file_way::uploaded).add();
        of(self->context_->metrics->file_bytes, file_way::uploaded).add(self->facts_.size);
        return to(self->facts_);
      }
      self->context_->files->remove({self->facts_.file});
      to(how.error());
    };
    tell_from_outside(context_->handles->log_writer, std::move(what));
  }

  context_ptr context_;
  std::shared_ptr<place_in_book> place_;
  user_id by_;
  std::uint64_t most_bytes_;
  file_facts facts_;
  std::shared_ptr<incoming_blob> blob_;
};

} // namespace

void file_desk::begin(upload_request what, told<std::shared_ptr<upload>> to) {
  if (policy_.most_bytes == 0 || !context_->files)
    return to(failure{error_code::not_found, "nothing can be uploaded here", {}});
  if (what.size.value_or(0) > policy_.most_bytes)
    return to(too_large());
  if (context_->erasing->contains(what.by))
    return to(failure{error_code::forbidden, "this user is being erased", {}});
  if (context_->rates) {
    const instant now = context_->steady_clock();
    if (const auto wait =
            context_->rates->of(what.by, now)->take(now, limits::commands_of_an_upload)) {
      of(context_->metrics->rate_limited, rate_kind::user).add();
      return to(failure{error_code::rate_limited, "too many commands of this user", wait});
    }
  }
  if (auto begun = book_->begin(what.by); !begun)
    return to(begun.error());
  auto place = std::make_shared<place_in_book>(book_, what.by);
  const user_id by = what.by;
  const auto go_on = [context = context_, most = policy_.most_bytes, place, what = std::move(what),
                      to = std::move(to)](const result<unsent_files>& on_disk) {
    if (!on_disk)
      return to(on_disk.error());
    if (auto granted = place->expect(what.size.value_or(most), *on_disk); !granted)
      return to(granted.error());
    auto made = std::make_shared<upload_under_way>(context, place, what, most);
    context->files->make(made->id(),
                         [made, to](const result<std::shared_ptr<incoming_blob>>& blob) {
                           if (!blob)
                             return to(blob.error());
                           made->into(*blob);
                           to(std::shared_ptr<upload>{made});
                         });
  };
  tell_from_outside(context_->handles->reader,
                    read_files{find_unsent{by, go_on}, context_->marks->committed()});
}

void file_desk::open(const file_id& file, const user_id& reader, bool wants_bytes,
                     told<download> to) {
  if (context_->rates) {
    const instant now = context_->steady_clock();
    if (const auto wait = context_->rates->of(reader, now)->take(now, 1)) {
      of(context_->metrics->rate_limited, rate_kind::user).add();
      return to(failure{error_code::rate_limited, "too many commands of this user", wait});
    }
  }
  auto place = downloads_->begin(reader);
  if (!place)
    return to(place.error());
  const auto go_on = [context = context_, wants_bytes, place = *place,
                      to = std::move(to)](const result<file_facts>& found) {
    if (!found)
      return to(found.error());
    if (!wants_bytes)
      return to(download{*found, nullptr, place});
    if (!context->files)
      return to(failure{error_code::not_found, "no such file", {}});
    context->files->open(found->file, [what = *found, place, to, metrics = context->metrics](
                                          const result<std::shared_ptr<readable_blob>>& blob) {
      if (!blob)
        return to(blob.error());
      of(metrics->files, file_way::downloaded).add();
      to(download{what, *blob, place});
    });
  };
  tell_from_outside(context_->handles->reader,
                    read_files{find_readable{file, reader, context_->wall_clock(), go_on},
                               context_->marks->committed()});
}

} // namespace parley
