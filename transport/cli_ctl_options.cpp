// The subcommands of `parleyd ctl`, each with what it takes.
#include "transport/cli_tools.hpp"

namespace parley {

namespace {

/// Options of `ctl` itself may stand behind the action.
CLI::App* add_action(CLI::App& ctl, ctl_options& to, const char* name, const char* purpose) {
  auto* made = ctl.add_subcommand(name, purpose);
  made->fallthrough();
  made->footer("");
  made->callback([&to, name] { to.action = name; });
  return made;
}

void add_conversation(CLI::App* to, ctl_options& all) {
  to->add_option("conversation", all.conversation, "Its id")->required();
}

void add_limit(CLI::App* to, ctl_options& all) {
  to->add_option("--limit", all.limit, "How many are shown")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
}

} // namespace

void add_ctl_options(CLI::App& ctl, command_line_values& all) {
  ctl_options& to = all.ctl;
  ctl.require_subcommand(1);
  ctl.add_option("--as", to.as, "In whose name it is done, as events have it [parley:operator]");
  ctl.add_flag("--json", to.json, "Print what the server answers");
  add_action(ctl, to, "stats", "How the server is");
  auto* sessions =
      add_action(ctl, to, "sessions", "Who is connected, whom most waits for first; or one user");
  sessions->add_option("user", to.user, "Only this one's");
  add_limit(sessions, to);
  auto* largest = add_action(ctl, to, "conversations", "The largest conversations, or one");
  largest->add_option("conversation", to.conversation, "Only this one");
  largest->add_option("--by", to.by, "What they are measured by")
      ->check(CLI::IsMember({"messages", "members", "events"}))
      ->capture_default_str();
  add_limit(largest, to);
  auto* kick = add_action(ctl, to, "kick", "End a user's sessions, or take them out somewhere");
  kick->add_option("user", to.user, "Whom")->required();
  auto* session = kick->add_option("--session", to.session, "Only this session");
  kick->add_option("--from", to.conversation, "Take them out of this conversation instead")
      ->excludes(session);
  add_conversation(add_action(ctl, to, "freeze", "Let nobody speak in a conversation"), to);
  add_conversation(add_action(ctl, to, "unfreeze", "Let them speak again"), to);
  add_action(ctl, to, "log-level", "What is logged, or log something else from now on")
      ->add_option("level", to.level, "The new level")
      ->check(CLI::IsMember({"debug", "info", "warning", "error", "off"}));
  add_action(ctl, to, "retention", "How long what is kept");
  add_action(ctl, to, "webhooks", "How far the endpoints of webhooks are");
  add_action(ctl, to, "redeliver", "Put an endpoint's dead letters back")
      ->add_option("endpoint", to.endpoint, "Its id")
      ->required();
}

} // namespace parley
