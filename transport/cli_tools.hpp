// What the command line says besides how to serve: the tools, each a subcommand.
#pragma once

#include <span>
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
  config_options config;
  ctl_options ctl;
  import_options imported;
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

/// A subcommand: what it is called and says of itself, what it takes besides `--data`, and what
/// becomes of that.
struct command_line_tool {
  const char* name;
  const char* purpose;
  const char* footer;
  void (*add)(CLI::App& app, command_line_values& all);
  std::string& (*data)(command_line_values& all);
  /// What it was given, or what does not fit together.
  options (*make)(const CLI::App& app, command_line_values& all);
};

std::span<const command_line_tool> command_line_tools();

/// Adds the tool's subcommand, which lives as long as `app`.
CLI::App* add_tool(const command_line_tool& tool, CLI::App& app, command_line_values& all);

/// What was said in spite of what is wrong with it, told as CLI11 does.
end_options wrong_command_line(const CLI::App& app, const std::string& why);

/// What a server is to be started with, or what does not fit together.
options make_serve_options(const CLI::App& app, command_line_values& all);

/// What a server at work can be asked, each a subcommand of `ctl`.
void add_ctl_options(CLI::App& ctl, command_line_values& all);

} // namespace parley
