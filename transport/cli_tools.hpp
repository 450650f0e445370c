// What the command line says besides how to serve: the tools, each a subcommand.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "transport/cli.hpp"

namespace parley {

/// Where the parser puts all there is.
struct command_line_values {
  serve_options serve;
  token_options token;
  check_options check;
  backup_options backup;
  reindex_options reindex;
  compact_options compact;
  webhooks_options webhooks;
  export_options exported;
  erase_options erased;
  std::string ttl = "24h";
  std::string notify_after = "10s";
  std::string screen_patience = "2s";
  std::string screen_fail = "closed";
  std::string cold_after = "30d";
  std::string edit_window = "24h";
  std::string delete_window = "24h";
  std::string rate_limit = "on";
  std::string log_format = "text";
  std::string search = "on";
};

/// The headings under which help lists what is about the data directory, about tokens, and about
/// who is told over HTTP.
inline constexpr const char* data_heading = "Data";
inline constexpr const char* tokens_heading = "Tokens";
inline constexpr const char* hooks_heading = "Webhooks";

/// Each adds a subcommand, which lives as long as `app`.
CLI::App* add_token_options(CLI::App& app, command_line_values& all);
CLI::App* add_check_options(CLI::App& app, command_line_values& all);
CLI::App* add_backup_options(CLI::App& app, command_line_values& all);
CLI::App* add_reindex_options(CLI::App& app, command_line_values& all);
CLI::App* add_compact_options(CLI::App& app, command_line_values& all);
CLI::App* add_webhooks_options(CLI::App& app, command_line_values& all);
CLI::App* add_export_options(CLI::App& app, command_line_values& all);
CLI::App* add_erase_options(CLI::App& app, command_line_values& all);

/// What was said in spite of what is wrong with it, told as CLI11 does.
end_options wrong_command_line(const CLI::App& app, const std::string& why);
/// Each takes what its subcommand was given, or says what does not fit together.
options make_token_options(const CLI::App& app, command_line_values& all);
options make_backup_options(const CLI::App& app, command_line_values& all);
options make_export_options(const CLI::App& app, command_line_values& all);
options make_erase_options(const CLI::App& app, command_line_values& all);

} // namespace parley
