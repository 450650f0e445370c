// Everything that would keep a server from starting is looked at, not only the first of it.
#include "transport/cli_config.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <iostream>
#include <memory>
#include <sstream>

#include <nlohmann/json.hpp>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "persistence/data_directory.hpp"
#include "persistence/rows.hpp"
#include "transport/cli_token.hpp"
#include "transport/listener.hpp"
#include "transport/main_screening.hpp"
#include "transport/public_key.hpp"
#include "transport/tls_context.hpp"
#include "transport/webhook_config.hpp"

namespace parley {

namespace {

namespace fs = std::filesystem;

/// A certificate that ends so soon should have been renewed.
constexpr int days_of_warning = 14;
/// Descriptors that a server needs beside those of its connections.
constexpr std::uint64_t other_descriptors = 100;

bool is_for_others(const std::string& file) {
  struct stat facts {};
  return ::stat(file.c_str(), &facts) == 0 && (facts.st_mode & 077) != 0;
}

// --- TLS -----------------------------------------------------------------------------------------

/// Days until the first certificate in a file ends; nothing when there is none.
std::optional<int> days_left_of(const std::string& file, std::chrono::sys_seconds now) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> in{std::fopen(file.c_str(), "r"),
                                                           &std::fclose};
  if (!in)
    return std::nullopt;
  const std::unique_ptr<X509, decltype(&X509_free)> cert{
      PEM_read_X509(in.get(), nullptr, nullptr, nullptr), &X509_free};
  const std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)> today{
      ASN1_TIME_set(nullptr, std::chrono::system_clock::to_time_t(now)), &ASN1_TIME_free};
  int days = 0;
  int seconds = 0;
  if (!cert || !today ||
      ASN1_TIME_diff(&days, &seconds, today.get(), X509_get0_notAfter(cert.get())) != 1)
    return std::nullopt;
  return seconds < 0 && days == 0 ? -1 : days;
}

void look_at_tls(const serve_options& options, std::chrono::sys_seconds now, config_findings& to) {
  const tls_options& files = options.tls;
  if (files.cert.empty()) {
    const auto at = parse_endpoint(options.listen);
    if (at && !at->address().is_loopback())
      to.warnings.push_back("--listen " + options.listen +
                            " is reached by others and speaks plain HTTP: tokens travel "
                            "unencrypted, unless a proxy in front of it ends TLS");
    return;
  }
  if (auto read = tls_context::read(files.cert, files.key); !read)
    return to.problems.push_back(read.error().message);
  const auto days = days_left_of(files.cert, now);
  if (days && *days < 0)
    to.warnings.push_back("--tls-cert " + files.cert + " has ended: clients refuse it");
  else if (days && *days < days_of_warning)
    to.warnings.push_back("--tls-cert " + files.cert + " ends in " + std::to_string(*days) +
                          " days");
  if (is_for_others(files.key))
    to.warnings.push_back("--tls-key " + files.key + " can be read by others");
}

// --- Tokens --------------------------------------------------------------------------------------

void look_at_tokens(const serve_options& options, config_findings& to) {
  for (const auto& file : options.jwt.key_files)
    if (auto key = read_public_key(file); !key)
      to.problems.push_back(key.error().message);
  if (!options.jwt.key_files.empty()) {
    if (options.jwt.audience.empty())
      to.warnings.push_back("without --jwt-audience tokens that were made for other services are "
                            "good here, too");
    return;
  }
  const bool is_own = options.secret_file.empty();
  const std::string file = is_own ? options.data + "/" + token_key_file : options.secret_file;
  std::error_code code;
  if (is_own && !fs::exists(file, code))
    return; // the first start makes it
  if (auto key = read_token_key(file); !key)
    to.problems.push_back(key.error().message);
}

// --- Who is told, and who is let in --------------------------------------------------------------

void look_at_webhooks(const serve_options& options, config_findings& to) {
  if (auto screening = screening_place_of(options); !screening)
    to.problems.push_back(screening.error().message);
  if (!options.screen_secret_file.empty() && is_for_others(options.screen_secret_file))
    to.warnings.push_back("--screen-secret-file " + options.screen_secret_file +
                          " can be read by others");
  if (options.webhooks.empty())
    return;
  const auto endpoints = read_webhooks(options.webhooks);
  if (!endpoints)
    return to.problems.push_back(endpoints.error().message);
  if (endpoints->empty())
    to.warnings.push_back("--webhooks " + options.webhooks + " names nobody");
  for (const auto& each : *endpoints)
    if (!each->target.secure)
      to.warnings.push_back("webhook endpoint " + each->id + " is told without TLS");
  if (is_for_others(options.webhooks))
    to.warnings.push_back("--webhooks " + options.webhooks +
                          " has secrets and can be read by others");
}

// --- The data directory --------------------------------------------------------------------------

/// The first directory on the way up that is there.
fs::path nearest_directory(fs::path from) {
  std::error_code code;
  from = fs::absolute(from, code);
  while (!fs::exists(from, code) && from.has_relative_path())
    from = from.parent_path();
  return from;
}

outcome look_at_format(const fs::path& data) {
  if (auto whole = refuse_unfinished(data); !whole)
    return whole;
  std::error_code code;
  if (!fs::exists(data / "model", code))
    return success();
  auto model = environment::open(looking_at(data / "model", model_table_names));
  if (!model)
    return model.error();
  auto view = (*model)->read();
  if (!view)
    return view.error();
  return row_reader{*view}.known_format();
}

void look_at_data(const std::string& data, config_findings& to) {
  constexpr int all_of_it = R_OK | W_OK | X_OK;
  std::error_code code;
  if (!fs::exists(data, code)) {
    const fs::path there = nearest_directory(data);
    if (!fs::is_directory(there, code) || ::access(there.c_str(), all_of_it) != 0)
      to.problems.push_back("--data " + data + " is not there and cannot be made in " +
                            there.string());
    return;
  }
  if (!fs::is_directory(data, code))
    return to.problems.push_back("--data " + data + " is not a directory");
  if (::access(data.c_str(), all_of_it) != 0)
    return to.problems.push_back("--data " + data + " cannot be written by this user");
  if (is_for_others(data))
    to.warnings.push_back("--data " + data + " can be entered by others");
  if (auto good = look_at_format(data); !good)
    to.problems.push_back("--data " + data + ": " + good.error().message);
}

void look_at_system(const serve_options& options, config_findings& to) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_max != RLIM_INFINITY &&
      limit.rlim_max < options.most_sessions + other_descriptors)
    to.warnings.push_back("--max-sessions " + std::to_string(options.most_sessions) +
                          " needs more descriptors than the " + std::to_string(limit.rlim_max) +
                          " that this user may have here (ulimit -Hn)");
}

void look_at_origins(const serve_options& options, config_findings& to) {
  for (const auto& each : options.origins)
    if (const auto flaw = flaw_of_origin(each); !flaw.empty())
      to.warnings.push_back("--origin " + each + " " + flaw);
}

void look_at_options(const serve_options& options, std::chrono::sys_seconds now,
                     config_findings& to) {
  look_at_tls(options, now, to);
  look_at_tokens(options, to);
  look_at_webhooks(options, to);
  look_at_origins(options, to);
  look_at_system(options, to);
}

// --- What is printed -----------------------------------------------------------------------------

/// All that is settled, by the names of the options; files by their names, without what is in them.
nlohmann::json settings_of(const serve_options& all) {
  return {
      {"listen", all.listen},
      {"data", all.data},
      {"dev", all.dev},
      {"origin", all.origins},
      {"io-threads", all.io_threads},
      {"workers", all.workers},
      {"max-sessions", all.most_sessions},
      {"jwt-secret-file", all.secret_file},
      {"jwt-key", all.jwt.key_files},
      {"jwt-issuer", all.jwt.issuer},
      {"jwt-audience", all.jwt.audience},
      {"jwt-admin-claim", all.jwt.admin_claim},
      {"tls-cert", all.tls.cert},
      {"tls-key", all.tls.key},
      {"rate-limit", !all.rate_limit     ? "off"
                     : all.address_limit ? "on"
                                         : "users"},
      {"search", all.search ? "on" : "off"},
      {"notify-after", all.notify_after.count()},
      {"cold-after", all.cold_after.count()},
      {"file-bytes", all.file_bytes},
      {"file-types", all.file_types},
      {"retain-days", all.retain_days},
      {"retain-messages", all.retain_messages},
      {"edit-window", std::chrono::duration_cast<std::chrono::seconds>(all.windows.edit).count()},
      {"delete-window",
       std::chrono::duration_cast<std::chrono::seconds>(all.windows.erase).count()},
      {"webhooks", all.webhooks},
      {"webhooks-private", all.webhooks_private},
      {"screen", all.screen},
      {"screen-secret-file", all.screen_secret_file},
      {"screen-patience", all.screen_patience.count()},
      {"screen-fail", all.screen_fails_open ? "open" : "closed"},
      {"log-level", all.log_level},
      {"log-format", all.log_json ? "json" : "text"}};
}

void print_words(const config_options& what, const config_findings& found) {
  for (const auto& each : found.problems)
    std::cout << "problem: " << each << '\n';
  for (const auto& each : found.warnings)
    std::cout << "warning: " << each << '\n';
  const auto count = [](std::size_t number, const char* of) {
    return std::to_string(number) + " " + of + (number == 1 ? "" : "s");
  };
  if (found.problems.empty())
    std::cout << "the configuration is good: " << (what.serve.tls.cert.empty() ? "http" : "https")
              << " on " << what.serve.listen << ", data in " << what.serve.data << "; "
              << count(found.warnings.size(), "warning") << '\n';
  else
    std::cout << "no server can be started like this: " << count(found.problems.size(), "problem")
              << ", " << count(found.warnings.size(), "warning") << '\n';
}

} // namespace

std::string flaw_of_origin(const std::string& origin) {
  const auto scheme_end = origin.find("://");
  if (scheme_end == std::string::npos || scheme_end == 0)
    return "has no scheme, as https://";
  const std::string scheme = origin.substr(0, scheme_end);
  const std::string rest = origin.substr(scheme_end + 3);
  if (rest.empty())
    return "names no host";
  if (rest.find_first_of("/?#") != std::string::npos)
    return "has something behind its host; browsers send nothing there, not even a slash";
  if (std::any_of(origin.begin(), origin.end(),
                  [](unsigned char each) { return std::isupper(each) != 0; }))
    return "has capitals; browsers send small letters";
  if ((scheme == "https" && rest.ends_with(":443")) || (scheme == "http" && rest.ends_with(":80")))
    return "has the port that browsers leave out";
  if (rest.find('*') != std::string::npos)
    return "has a star, which stands for nothing here";
  return {};
}

config_findings look_at_config(const serve_options& options, std::chrono::sys_seconds now) {
  config_findings found;
  look_at_options(options, now, found);
  look_at_data(options.data, found);
  return found;
}

std::vector<std::string> warnings_of_start(const serve_options& options,
                                           std::chrono::sys_seconds now) {
  config_findings found;
  look_at_options(options, now, found);
  return std::move(found.warnings);
}

int check_config(const config_options& what) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto found = look_at_config(what.serve, now);
  if (what.json)
    std::cout << nlohmann::json{{"type", "config"},
                                {"ok", found.problems.empty()},
                                {"problems", found.problems},
                                {"warnings", found.warnings},
                                {"settings", settings_of(what.serve)}}
                     .dump()
              << '\n';
  else
    print_words(what, found);
  return std::cout.flush() && found.problems.empty() ? 0 : 1;
}

} // namespace parley
