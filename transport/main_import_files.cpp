// Bytes are on disk before a record says that they are.
#include "transport/main_import_files.hpp"

#include <algorithm>
#include <fstream>
#include <optional>
#include <utility>
#include <vector>

#include "actors/encoding.hpp"
#include "actors/files.hpp"
#include "actors/limits.hpp"
#include "actors/plain_text.hpp"

namespace parley {

namespace {

constexpr std::size_t read_at_once = 256 * 1024;
/// Of a file's id.
constexpr std::size_t imported_id_bytes = 16;

/// Does each job while its caller waits: nothing else goes on.
class lane_of_caller final : public lane {
public:
  void run(std::function<void()> job) override { job(); }
};

std::string field_of(const import_json& line, const char* name) {
  const auto found = line.find(name);
  return found != line.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

/// The file that a path below `folder` leads to, through whatever links; nothing when that is
/// elsewhere: what is imported may come from anybody.
std::optional<std::filesystem::path> found_below(const std::filesystem::path& folder,
                                                 const std::filesystem::path& path) {
  std::error_code code;
  const auto top = std::filesystem::canonical(folder.empty() ? "." : folder, code);
  const auto file = std::filesystem::weakly_canonical(top / path, code);
  const auto inside = std::mismatch(top.begin(), top.end(), file.begin(), file.end());
  if (code || path.empty() || path.is_absolute() || inside.first != top.end())
    return std::nullopt;
  return file;
}

} // namespace

result<file_facts> imported_files::described(const import_json& line, std::string_view text) const {
  file_facts what;
  what.file = file_id{hex(digest_of({"import-file", text}), imported_id_bytes)};
  const std::string name = field_of(line, "name");
  if (!take_plain_text(name, what.name) || what.name.size() > limits::file_name_bytes ||
      what.name.find_first_of("/\\\n") != std::string::npos)
    return failure{error_code::bad_request, "`name` is not a file's name", {}};
  const std::string type = field_of(line, "media_type");
  const auto known = media_type_of(type.empty() ? "application/octet-stream" : type);
  if (!known)
    return failure{error_code::bad_request, "`media_type` is none", {}};
  what.type = *known;
  return what;
}

result<record_ptr> imported_files::take(const import_json& line, std::string_view text,
                                        const user_id& by, timestamp at) {
  const std::string name = field_of(line, "file");
  const std::filesystem::path path = field_of(line, "path");
  if (name.empty())
    return failure{error_code::bad_request, "`file` is needed, a name of your own", {}};
  const auto file = found_below(from_, path);
  if (!file)
    return failure{error_code::bad_request, "`path` is needed, below the folder of the lines", {}};
  auto what = described(line, text);
  if (!what)
    return what.error();
  auto known = into_->model()->files({what->file});
  if (!known)
    return known.error();
  if (known->empty()) {
    if (auto copied = copy(*file, *what); !copied)
      return copied.error();
  }
  names_.insert_or_assign(name, what->file);
  if (!known->empty())
    return record_ptr{};
  record added;
  added.kind = record_kind::file_added;
  added.actor = by;
  added.at = at;
  added.file = std::make_shared<const file_facts>(std::move(*what));
  return std::make_shared<const record>(std::move(added));
}

outcome imported_files::copy(const std::filesystem::path& file, file_facts& what) {
  std::ifstream in{file, std::ios::binary};
  if (!in || std::filesystem::is_directory(file))
    return failure{error_code::not_found, file.string() + " cannot be read", {}};
  if (!blobs_) {
    const auto files = into_->directory() / "files";
    if (auto prepared = blob_store::prepare(files); !prepared)
      return prepared;
    blobs_ = std::make_shared<blob_store>(
        files, std::vector<lane_ptr>{std::make_shared<lane_of_caller>()});
  }
  std::shared_ptr<incoming_blob> blob;
  outcome went = success();
  blobs_->make(what.file,
               [&](auto made) { made ? void(blob = *made) : void(went = made.error()); });
  std::string bytes(read_at_once, '\0');
  while (went && in) {
    in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    const auto got = static_cast<std::size_t>(in.gcount());
    what.size += got;
    blob->write(bytes.substr(0, got), [&](auto written) { went = std::move(written); });
  }
  if (went && in.bad())
    went = failure{error_code::internal, file.string() + " cannot be read to its end", {}};
  if (went)
    blob->keep([&](auto kept) { kept ? void(what.sha256 = *kept) : void(went = kept.error()); });
  return went;
}

void imported_files::name_in(import_json& send) const {
  const auto files = send.find("files");
  if (files == send.end() || !files->is_array())
    return;
  for (auto& each : *files)
    if (each.is_string())
      if (const auto known = names_.find(each.get<std::string>()); known != names_.end())
        each = known->second.str();
}

} // namespace parley
