// `parleyd token`: prints tokens, whether or not a server runs.
#pragma once

#include <string>

#include "transport/cli.hpp"
#include "transport/token.hpp"

namespace parley {

/// Files of a data directory: the key of the tokens, and a word that they are made elsewhere.
inline constexpr const char* token_key_file = "token.key";
inline constexpr const char* external_tokens_file = "external_tokens";

/// The key that `data`'s server signs with: the one in `secret_file` if that is given, else the
/// directory's own, made when there is none.
result<std::string> open_token_key(const std::string& data, const std::string& secret_file);

/// A file in a store whose server last started with `--jwt-key`: its tokens are made elsewhere.
std::string external_tokens_mark(const std::string& data);

/// Prints to standard output; returns the exit status.
int print_tokens(const token_options& what);

} // namespace parley
