// One function adds a tool's options, another looks at what they were given; a table has them all.
#include "transport/cli_tools.hpp"

#include <array>
#include <utility>

#include "actors/limits.hpp"

namespace parley {

end_options wrong_command_line(const CLI::App& app, const std::string& why) {
  return {app.exit(CLI::ValidationError{why})};
}

namespace {

using values = command_line_values;

void add_token_options(CLI::App& token, values& all) {
  token_options& to = all.token;
  token.get_option("--data")->description("The data directory; made when it is not there");
  token
      .add_option("--jwt-secret-file", to.secret_file,
                  "The key, as the server has it [DATA/token.key]")
      ->group(tokens_heading);
  token
      .add_option("--jwt-key", all.serve.jwt.key_files,
                  "As the server has it: then there is no key here to make tokens with")
      ->group(tokens_heading);
  auto* user =
      token.add_option("--user", to.user, "The user's id (1 to 128 bytes)")->group(tokens_heading);
  auto* users = token.add_option("--users", to.users_file, "A file with one user's id a line")
                    ->group(tokens_heading);
  user->excludes(users);
  users->excludes(user);
  token.add_option("--name", to.name, "A name to show [none]")->group(tokens_heading);
  token.add_option("--ttl", all.ttl, "How long it is good: 90s, 15m, 24h, 7d")
      ->capture_default_str()
      ->group(tokens_heading);
  token.add_flag("--admin", to.admin, "May use the admin interface and /metrics")
      ->group(tokens_heading);
}

void add_backup_options(CLI::App& backup, values& all) {
  backup.add_option("--to", all.backup.to, "Where the copy goes; must not exist")
      ->group(data_heading);
}

void add_webhooks_options(CLI::App& webhooks, values& all) {
  webhooks
      .add_option("--redeliver", all.webhooks.redeliver,
                  "Put the dead letters of this endpoint back")
      ->group(hooks_heading);
}

void add_json_flag(CLI::App& app, bool& to) {
  app.add_flag("--json", to, "Print progress and the outcome as JSON, one object a line");
}

void add_export_options(CLI::App& made, values& all) {
  export_options& to = all.exported;
  auto* one = made.add_option("--conversation", to.conversation, "Whose events, members and files")
                  ->group(data_heading);
  made.add_option("--user", to.user, "Whose messages, settings and files")
      ->group(data_heading)
      ->excludes(one);
  made.add_option("--output", to.output, "A file that does not exist yet, or - for the output")
      ->group(data_heading);
  made.add_option("--receipt", to.receipt, "Print this receipt instead")->group(data_heading);
  made.add_flag("--receipts", to.receipts, "Print all receipts instead, one a line")
      ->group(data_heading);
  add_json_flag(made, to.json);
}

void add_erase_options(CLI::App& erase, values& all) {
  erase_options& to = all.erased;
  auto* receipt =
      erase.add_option("--receipt", to.receipt, "Print this receipt instead")->group(data_heading);
  erase.add_option("--user", to.user, "Whom")->group(data_heading)->excludes(receipt);
  erase.add_option("--policy", to.policy, "What becomes of their messages")
      ->check(CLI::IsMember({"anonymise", "delete"}))
      ->group(data_heading)
      ->excludes(receipt);
}

template <auto Tool>
void add_json(CLI::App& app, values& all) {
  add_json_flag(app, (all.*Tool).json);
}

void add_import_options(CLI::App& made, values& all) {
  made.add_option("--from", all.imported.from, "A file of commands, one a line; or - for the input")
      ->group(data_heading);
  made.add_flag("--read", all.imported.read, "Count all messages as read by all members")
      ->group(data_heading);
  add_json_flag(made, all.imported.json);
}

options make_import_options(const CLI::App& app, values& all) {
  if (all.imported.from.empty())
    return wrong_command_line(app, "import needs --from");
  return std::move(all.imported);
}

/// What the server takes is taken behind `check`, too.
void add_config_options(CLI::App& config, values& all) {
  config.fallthrough();
  config.require_subcommand(1);
  auto* check = config.add_subcommand("check", "Say what would keep a server from starting");
  check->fallthrough();
  add_json_flag(*check, all.config.json);
  check->footer("Example:\n  parleyd config check --config /etc/parley.toml\n");
}

options make_token_options(const CLI::App& app, command_line_values& all) {
  if (all.token.secret_file.empty())
    all.token.secret_file = all.serve.secret_file;
  all.token.external_keys = !all.serve.jwt.key_files.empty();
  const auto lifetime = parse_duration(all.ttl);
  if (!lifetime)
    return wrong_command_line(app, "--ttl must be a number with s, m, h or d");
  all.token.lifetime = *lifetime;
  if (all.token.user.empty() && all.token.users_file.empty())
    return wrong_command_line(app, "token needs --user or --users");
  return std::move(all.token);
}

options make_backup_options(const CLI::App& app, command_line_values& all) {
  if (all.backup.to.empty())
    return wrong_command_line(app, "backup needs --to");
  return std::move(all.backup);
}

options make_export_options(const CLI::App& app, command_line_values& all) {
  if (all.exported.receipts || !all.exported.receipt.empty())
    return std::move(all.exported);
  if (all.exported.conversation.empty() == all.exported.user.empty())
    return wrong_command_line(app, "export needs --conversation or --user");
  if (all.exported.output.empty())
    return wrong_command_line(app, "export needs --output");
  return std::move(all.exported);
}

options make_erase_options(const CLI::App& app, command_line_values& all) {
  const erase_options& to = all.erased;
  if (to.receipt.empty() && (to.user.empty() || to.policy.empty()))
    return wrong_command_line(app, "erase needs --user and --policy, or --receipt");
  if (to.user.size() > limits::id_bytes || to.user.find('\n') != std::string::npos)
    return wrong_command_line(app, "--user is no id");
  return std::move(all.erased);
}

options make_config_options(const CLI::App& app, values& all) {
  all.serve.data = all.config.data;
  auto made = make_serve_options(app, all);
  if (auto* serve = std::get_if<serve_options>(&made))
    return config_options{serve->data, std::move(*serve), all.config.json};
  return made;
}

template <auto Tool>
std::string& data_for(values& all) {
  return (all.*Tool).data;
}

template <auto Tool>
options make_as_given(const CLI::App&, values& all) {
  return std::move(all.*Tool);
}

constexpr std::array tools{
    command_line_tool{
        "token", "Print a token, or one for each user of a file",
        "The server may run. PARLEY_DATA and PARLEY_JWT_SECRET_FILE count here too.\n\n"
        "Example:\n  parleyd token --data /var/lib/parley --user alice --ttl 7d\n",
        add_token_options, data_for<&values::token>, make_token_options},
    command_line_tool{
        "check", "Say whether a store is whole, in use or not",
        "Reads everything and changes nothing. Ends with 0, or with 1 and a line for each "
        "problem.\n\nExample:\n  parleyd check --data /var/lib/parley\n",
        add_json<&values::check>, data_for<&values::check>, make_as_given<&values::check>},
    command_line_tool{
        "backup", "Copy a store, in use or not",
        "The copy has everything that was acknowledged before, and is a data directory "
        "that a server can be\nstarted on.\n\n"
        "Example:\n  parleyd backup --data /var/lib/parley --to /backup/2026-01-31\n",
        add_backup_options, data_for<&values::backup>, make_backup_options},
    command_line_tool{"reindex", "Make the search index of a stopped store anew",
                      "A server does this by itself when the index is missing, damaged or another "
                      "version's.\n\nExample:\n  parleyd reindex --data /var/lib/parley\n",
                      add_json<&values::reindex>, data_for<&values::reindex>,
                      make_as_given<&values::reindex>},
    command_line_tool{
        "compact", "Rewrite a store's files, in use or not",
        "Nothing of what was deleted before is in the files then, and the space it took is "
        "given back. It needs\nas much space again as the store's messages take.\n\n"
        "Example:\n  parleyd compact --data /var/lib/parley\n",
        add_json<&values::compact>, data_for<&values::compact>, make_as_given<&values::compact>},
    command_line_tool{
        "webhooks", "Say how far the endpoints of webhooks are, or redeliver",
        "Works beside a server and without one.\n\nExample:\n  parleyd webhooks --data "
        "/var/lib/parley --redeliver audit\n",
        add_webhooks_options, data_for<&values::webhooks>, make_as_given<&values::webhooks>},
    command_line_tool{
        "export", "Hand out all of a conversation or of a user, in use or not",
        "It is a tar of JSON Lines, and has what an administrator may read.\n\nExample:\n  "
        "parleyd export --data /var/lib/parley --user alice --output alice.tar\n",
        add_export_options, data_for<&values::exported>, make_export_options},
    command_line_tool{
        "erase", "Erase a user, through the server that is at work",
        "It cannot be taken back. Prints a receipt when it is done; `parleyd compact` then "
        "takes the name out of\nthe files.\n\nExample:\n  parleyd erase --data "
        "/var/lib/parley --user alice --policy anonymise\n",
        add_erase_options, data_for<&values::erased>, make_erase_options},
    command_line_tool{
        "config", "Look at the configuration",
        "Takes every option of the server, from the same places, and reads the files that they "
        "name.\n\nExample:\n  parleyd config check --config /etc/parley.toml\n",
        add_config_options, data_for<&values::config>, make_config_options},
    command_line_tool{
        "ctl", "Ask a server that is at work, or have it do something",
        "Through a socket in the data directory: run it as the server's user.\n\nExample:\n  "
        "parleyd ctl kick alice --data /var/lib/parley\n  parleyd ctl freeze "
        "g5b1f0c3a9d2e4876b0c1f5a3d7e9b2c4 --data /var/lib/parley\n",
        add_ctl_options, data_for<&values::ctl>, make_as_given<&values::ctl>},
    command_line_tool{
        "import", "Take over messages from elsewhere, into a stopped store",
        "Each line is a command as clients give it, with `by` and `at`; a line that was taken "
        "before changes nothing.\n\nExample:\n  parleyd import --data /var/lib/parley --from "
        "old.jsonl --read\n",
        add_import_options, data_for<&values::imported>, make_import_options},
};

} // namespace

std::span<const command_line_tool> command_line_tools() { return tools; }

CLI::App* add_tool(const command_line_tool& tool, CLI::App& app, command_line_values& all) {
  CLI::App* made = app.add_subcommand(tool.name, tool.purpose);
  made->add_option("--data", tool.data(all), "The data directory")->group(data_heading);
  tool.add(*made, all);
  made->footer(tool.footer);
  return made;
}

} // namespace parley
