// One job after another for each blob, on its lane.
#include "persistence/blob_store.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actors/fault.hpp"
#include "actors/log.hpp"
#include "actors/log_line.hpp"
#include "persistence/data_directory.hpp"

namespace parley {

namespace {

namespace fs = std::filesystem;

/// Digits of an id that name the directory it is in.
constexpr std::size_t place_digits = 2;

failure blob_failure(std::string_view tried, int code) {
  const bool is_short = code == ENOSPC || code == EDQUOT || code == EMFILE || code == ENFILE;
  return {is_short ? error_code::unavailable : error_code::internal,
          "a file " + std::string(tried) + ": " + std::strerror(code),
          {}};
}

void log_failure(const failure& why) {
  thread_log().warn("file_failed reason={}", in_quotes(why.message));
}

/// A descriptor, and the sum over what is written to it. For one lane.
class blob_writing {
public:
  ~blob_writing() { close(); }
  blob_writing() = default;
  blob_writing(const blob_writing&) = delete;
  blob_writing& operator=(const blob_writing&) = delete;

  outcome begin(const fs::path& path) {
    file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file_ < 0)
      return blob_failure("cannot be made", errno);
    if (!sum_ || EVP_DigestInit_ex(sum_.get(), EVP_sha256(), nullptr) != 1)
      return failure{error_code::internal, "there is no SHA-256", {}};
    return success();
  }

  outcome write(std::string_view bytes) {
    EVP_DigestUpdate(sum_.get(), bytes.data(), bytes.size());
    while (!bytes.empty()) {
      const auto written = ::write(file_, bytes.data(), bytes.size());
      if (written < 0 && errno != EINTR)
        return blob_failure("cannot be written", errno);
      if (written > 0)
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return success();
  }

  result<digest> finish() {
    digest sum{};
    if (EVP_DigestFinal_ex(sum_.get(), sum.data(), nullptr) != 1)
      return failure{error_code::internal, "there is no SHA-256", {}};
    if (::fsync(file_) != 0)
      return blob_failure("cannot be synced", errno);
    close();
    return sum;
  }

private:
  void close() {
    if (file_ >= 0)
      ::close(std::exchange(file_, -1));
  }

  int file_ = -1;
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> sum_{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
};

class blob_coming_in final : public incoming_blob {
public:
  blob_coming_in(std::shared_ptr<blob_store> in, file_id file, lane_ptr own)
      : in_(std::move(in)), file_(std::move(file)), own_(std::move(own)) {}

  // What was kept is not there any more.
  ~blob_coming_in() override {
    own_->run([in = in_, file = file_, writing = writing_] {
      ::unlink((incoming_path(in->files()) / file.str()).c_str());
      in->forget_incoming(file);
    });
  }

  void begin(std::function<void(outcome)> to) {
    own_->run(
        [path = here(), writing = writing_, to = std::move(to)] { to(writing->begin(path)); });
  }

  void write(std::string bytes, told_outcome to) override {
    own_->run([bytes = std::move(bytes), writing = writing_, to = std::move(to)] {
      auto written = writing->write(bytes);
      if (!written)
        log_failure(written.error());
      to(std::move(written));
    });
  }

  void keep(told<digest> to) override {
    own_->run([from = here(), place = blob_path(in_->files(), file_), writing = writing_,
               to = std::move(to)] {
      auto kept = put_into_place(*writing, from, place);
      if (!kept)
        log_failure(kept.error());
      to(std::move(kept));
    });
  }

private:
  fs::path here() const { return incoming_path(in_->files()) / file_.str(); }

  static result<digest> put_into_place(blob_writing& writing, const fs::path& from,
                                       const fs::path& place) {
    auto sum = writing.finish();
    failpoint("blob_store.before_rename");
    if (!sum)
      return sum;
    if (auto made = make_directory(place.parent_path()); !made)
      return made.error();
    if (::rename(from.c_str(), place.c_str()) != 0)
      return blob_failure("cannot be put into place", errno);
    failpoint("blob_store.after_rename");
    auto synced = sync_directory(place.parent_path());
    if (synced)
      return sum;
    ::unlink(place.c_str());
    return synced.error();
  }

  std::shared_ptr<blob_store> in_;
  file_id file_;
  lane_ptr own_;
  std::shared_ptr<blob_writing> writing_ = std::make_shared<blob_writing>();
};

/// Only a lane touches the descriptor, but for its end.
class blob_going_out final : public readable_blob {
public:
  blob_going_out(int file, lane_ptr own) : file_(file), own_(std::move(own)) {}
  ~blob_going_out() override {
    own_->run([file = file_] { ::close(file); });
  }
  blob_going_out(const blob_going_out&) = delete;
  blob_going_out& operator=(const blob_going_out&) = delete;

  void read(std::uint64_t from, std::size_t most, told<std::string> to) override {
    own_->run([file = file_, from, most, to = std::move(to)] { to(read_at(file, from, most)); });
  }

private:
  static result<std::string> read_at(int file, std::uint64_t from, std::size_t most) {
    std::string bytes(most, '\0');
    ssize_t got = 0;
    while ((got = ::pread(file, bytes.data(), most, static_cast<off_t>(from))) < 0 &&
           errno == EINTR) {
    }
    if (got < 0)
      return blob_failure("cannot be read", errno);
    bytes.resize(static_cast<std::size_t>(got));
    return bytes;
  }

  int file_;
  lane_ptr own_;
};

} // namespace

fs::path blob_path(const fs::path& files, const file_id& file) {
  return files / file.str().substr(0, place_digits) / file.str();
}

fs::path incoming_path(const fs::path& files) { return files / "incoming"; }

// A directory that is there stays: on a full disk there may be no room to make it again.
outcome blob_store::prepare(const fs::path& files) {
  std::error_code code;
  if (auto made = make_directory(files); !made)
    return made;
  if (auto made = make_directory(incoming_path(files)); !made)
    return made;
  for (const auto& each : fs::directory_iterator(incoming_path(files), code))
    fs::remove_all(each, code);
  return success();
}

const lane_ptr& blob_store::lane_of(const file_id& file) const {
  return lanes_[std::hash<file_id>{}(file) % lanes_.size()];
}

void blob_store::make(const file_id& file, told<std::shared_ptr<incoming_blob>> to) {
  {
    const std::lock_guard guard{lock_};
    incoming_.insert(file);
  }
  auto made = std::make_shared<blob_coming_in>(shared_from_this(), file, lane_of(file));
  made->begin([made, to = std::move(to)](const outcome& begun) {
    if (begun)
      return to(std::shared_ptr<incoming_blob>{made});
    log_failure(begun.error());
    to(begun.error());
  });
}

void blob_store::forget_incoming(const file_id& file) {
  const std::lock_guard guard{lock_};
  incoming_.erase(file);
}

void blob_store::open(const file_id& file, told<std::shared_ptr<readable_blob>> to) {
  const lane_ptr& own = lane_of(file);
  own->run([path = blob_path(files_, file), own, to = std::move(to)] {
    const int opened = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (opened >= 0)
      return to(std::shared_ptr<readable_blob>{std::make_shared<blob_going_out>(opened, own)});
    if (errno == ENOENT) // it went just now
      return to(failure{error_code::not_found, "no such file", {}});
    auto why = blob_failure("cannot be opened", errno);
    log_failure(why);
    to(std::move(why));
  });
}

void blob_store::remove(std::vector<file_id> files) {
  for (const auto& each : files)
    lane_of(each)->run([path = blob_path(files_, each)] {
      if (::unlink(path.c_str()) != 0 && errno != ENOENT)
        log_failure(blob_failure("cannot be removed", errno));
    });
}

void blob_store::list(unsigned place, std::function<void(std::vector<file_id>)> to) {
  constexpr std::string_view digits = "0123456789abcdef";
  const std::string name{digits[place / 16 % 16], digits[place % 16]};
  lanes_.front()->run([self = shared_from_this(), name, to = std::move(to)] {
    std::vector<file_id> found;
    std::error_code code;
    for (const auto& each : fs::directory_iterator(self->files_ / name, code))
      if (is_file_id(each.path().filename().string()))
        found.emplace_back(each.path().filename().string());
    const std::lock_guard guard{self->lock_};
    std::erase_if(found, [&](const file_id& each) { return self->incoming_.contains(each); });
    to(std::move(found));
  });
}

} // namespace parley
