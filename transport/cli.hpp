// The command line and the configuration file: what the operator asks for.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "actors/message_windows.hpp"

namespace parley {

/// Whose tokens are believed instead of our own; without files, nobody's.
struct jwt_options {
  std::vector<std::string> key_files; ///< Public keys.
  std::string issuer;                 ///< Empty: any.
  std::string audience;               ///< Empty: any.
  std::string admin_claim;            ///< Empty: nobody is an administrator.
};

/// Files of a certificate and its key; both empty for plain HTTP.
struct tls_options {
  std::string cert;
  std::string key;
};

/// Serve until told to stop.
struct serve_options {
  std::string listen = "127.0.0.1:8080";
  std::string data;
  bool dev = false;
  std::size_t io_threads = 1;
  std::size_t workers = 2;
  std::size_t most_sessions = 100'000;
  std::vector<std::string> origins;
  std::string secret_file; ///< Empty: the key in the data directory.
  jwt_options jwt;
  tls_options tls;
  bool rate_limit = true;                ///< Of users and conversations.
  bool address_limit = true;             ///< Of addresses.
  bool search = true;                    ///< Keep an index and answer searches.
  std::chrono::seconds notify_after{10}; ///< 0: nobody is notified.
  std::chrono::seconds cold_after{std::chrono::hours{24 * 30}}; ///< 0: messages stay as they are.
  std::uint64_t file_bytes = 0;        ///< Of one file; 0: nothing is uploaded.
  std::vector<std::string> file_types; ///< Media types of files; none: all.
  std::uint64_t retain_days = 0;       ///< 0: for ever.
  std::uint64_t retain_messages = 0;   ///< Of each conversation; 0: all.
  message_windows windows = {};        ///< How long authors may edit and delete.
  std::string webhooks;           ///< The file that names their endpoints; empty: there are none.
  bool webhooks_private = false;  ///< They may be sent to addresses that are not of the open net.
  std::string screen;             ///< The URL that is asked about messages; empty: nobody is.
  std::string screen_secret_file; ///< With what that is signed; empty: it is not.
  std::chrono::seconds screen_patience{2};
  bool screen_fails_open = false;
  std::string log_level = "info";
  bool log_json = false; ///< JSON objects instead of text.
  std::string page;      ///< Where the built messages page is; empty: where it is looked for.
  std::string login;     ///< Where the page sends whoever has no token; empty: nowhere.
};

/// Print tokens.
struct token_options {
  std::string data;
  std::string secret_file;
  bool external_keys = false; ///< The server would be told public keys: then no token is made.
  std::string user;
  std::string users_file;
  std::optional<std::string> name;
  std::chrono::seconds lifetime{};
  bool admin = false;
};

/// Say whether a store is whole.
struct check_options {
  std::string data;
  bool json = false; ///< Progress and what came of it, one object a line.
};

/// Copy a store, in use or not.
struct backup_options {
  std::string data;
  std::string to;
};

/// Make the search index of a stopped store anew.
struct reindex_options {
  std::string data;
  bool json = false;
};

/// Rewrite a store's files, in use or not.
struct compact_options {
  std::string data;
  bool json = false;
};

/// Say how far the endpoints of webhooks are, or put one's dead letters back.
struct webhooks_options {
  std::string data;
  std::string redeliver; ///< Empty: nobody's.
};

/// Hand out an archive of a conversation or of a user, whether the store is in use or not.
struct export_options {
  std::string data;
  std::string conversation; ///< One of these two is empty.
  std::string user;
  std::string output;    ///< A file that must not exist, or `-`.
  std::string receipt;   ///< Only print this receipt.
  bool receipts = false; ///< Only print all of them.
  bool json = false;
};

/// Erase a user, or print the receipt of that.
struct erase_options {
  std::string data;
  std::string user;   ///< With a policy, or nobody and a receipt.
  std::string policy; ///< `anonymise` or `delete`.
  std::string receipt;
};

/// Say whether a server could be started like this.
struct config_options {
  std::string data; ///< As the server's own.
  serve_options serve;
  bool json = false;
};

/// Have a server that is at work do, or tell, something.
struct ctl_options {
  std::string data;
  std::string action;       ///< As `kick`.
  std::string user;         ///< Whom it is about; empty: nobody.
  std::string conversation; ///< Likewise.
  std::string session;
  std::string endpoint;
  std::string level;
  std::string by = "messages"; ///< What conversations are measured by.
  std::uint64_t limit = 20;
  std::string as; ///< In whose name; empty: the operator's.
  bool json = false;
};

/// Take over what happened elsewhere, into a stopped store.
struct import_options {
  std::string data;
  std::string from;  ///< A file of lines, or `-`.
  bool read = false; ///< All of it counts as read.
  bool json = false;
};

/// Nothing to do but to end with this status: help was shown, or the options were wrong.
struct end_options {
  int status = 0;
};

using options =
    std::variant<serve_options, token_options, check_options, backup_options, reindex_options,
                 compact_options, end_options, webhooks_options, export_options, erase_options,
                 config_options, ctl_options, import_options>;

options parse_command_line(int argc, char** argv, std::string_view version);

/// `90s`, `15m`, `24h`, `7d`; a bare number counts seconds.
std::optional<std::chrono::seconds> parse_duration(std::string_view text);

} // namespace parley
