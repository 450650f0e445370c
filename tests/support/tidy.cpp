// The house rules: layers, lengths, names and first lines.
#include "tests/support/tidy.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace parley::tidy {

namespace {

using std::size_t;
using std::string;
using std::string_view;

// --- Text ----------------------------------------------------------------------------------------

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

string_view trimmed(string_view text) {
  constexpr auto space = " \t\r\n";
  const auto first = text.find_first_not_of(space);
  if (first == string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

std::vector<string_view> lines_of(string_view text) {
  std::vector<string_view> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::vector<string_view> words_of(string_view text) {
  std::vector<string_view> words;
  for (size_t at = 0; at < text.size();) {
    size_t end = at;
    while (end < text.size() && is_word(text[end]))
      ++end;
    if (end > at)
      words.push_back(text.substr(at, end - at));
    at = std::max(end, at + 1);
  }
  return words;
}

bool is_cpp(string_view path) { return has_extension(path, {".cpp", ".hpp"}); }

// Whether the quote at `at` separates the digits of a number (20'000).
bool separates_digits(string_view text, size_t at) {
  size_t begin = at;
  while (begin > 0 && (is_word(text[begin - 1]) || text[begin - 1] == '\''))
    --begin;
  return begin < at && is_digit(text[begin]);
}

// Where the comment or literal that starts at `at` ends; `at` itself if none does.
size_t end_of_opaque(string_view text, size_t at) {
  const auto past = [&](string_view mark, size_t from) {
    const auto found = text.find(mark, from);
    return found == string_view::npos ? text.size() : found + mark.size();
  };
  const auto rest = text.substr(at);
  if (rest.starts_with("//"))
    return std::min(text.find('\n', at), text.size());
  if (rest.starts_with("/*"))
    return past("*/", at + 2);
  if (rest.starts_with("R\"")) {
    const auto open = std::min(text.find('(', at), text.size());
    return past(")" + string(text.substr(at + 2, open - at - 2)) + "\"", open);
  }
  const char quote = text[at];
  if (quote != '"' && (quote != '\'' || separates_digits(text, at)))
    return at;
  size_t end = at + 1;
  while (end < text.size() && text[end] != quote && text[end] != '\n')
    end += text[end] == '\\' ? 2 : 1;
  return std::min(end + 1, text.size());
}

// The code alone: comments, literals and preprocessor lines become blanks, lines stay where they
// are.
string code_of(string_view text) {
  string code(text);
  const auto blank = [&](size_t from, size_t to) {
    for (size_t i = from; i < to; ++i)
      if (code[i] != '\n')
        code[i] = ' ';
  };
  for (size_t at = 0; at < text.size();) {
    const auto end = end_of_opaque(text, at);
    blank(at, end);
    at = std::max(end, at + 1);
  }
  bool continued = false;
  size_t at = 0;
  for (const auto line : lines_of(text)) {
    const bool directive =
        continued || trimmed(string_view(code).substr(at, line.size())).starts_with('#');
    if (directive)
      blank(at, at + line.size());
    continued = directive && line.ends_with('\\');
    at += line.size() + 1;
  }
  return code;
}

// --- Layers --------------------------------------------------------------------------------------

// Files whose path starts with `folder` must not include what starts with any of `banned`.
struct layer {
  string_view folder;
  std::vector<string_view> banned;
  std::vector<string_view> except;
};

const std::vector<layer>& layers() {
  static const std::vector<layer> all = {
      {"actors/",
       {"transport/", "persistence/", "engine/", "lmdb.h", "boost/asio", "boost/beast",
        "prometheus/"},
       {}},
      {"persistence/", {"transport/", "engine/", "boost/asio", "boost/beast", "prometheus/"}, {}},
      {"transport/",
       {"persistence/", "engine/", "lmdb.h"},
       {"transport/main.cpp", "transport/main_", "transport/cli"}},
      {"actors/", {"caf/"}, {"actors/caf.hpp"}},
      {"persistence/", {"caf/"}, {}},
      {"transport/", {"caf/"}, {}},
      {"engine/", {"transport/", "lmdb.h", "boost/asio", "boost/beast", "prometheus/"}, {}},
      {"engine/", {"caf/"}, {}},
  };
  return all;
}

bool starts_with_any(string_view text, const std::vector<string_view>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](string_view prefix) { return text.starts_with(prefix); });
}

// The header a line includes; empty if it includes none. `../` does not hide a layer.
string_view included_by(string_view line) {
  line = trimmed(line);
  if (!line.starts_with('#'))
    return {};
  line = trimmed(line.substr(1));
  if (!line.starts_with("include"))
    return {};
  const auto open = line.find_first_of("<\"");
  if (open == string_view::npos)
    return {};
  auto header = line.substr(open + 1);
  header = header.substr(0, header.find_first_of(">\""));
  while (header.starts_with("../"))
    header.remove_prefix(3);
  return header;
}

// --- Names ---------------------------------------------------------------------------------------

// The parts of a name, in lower case: SessionManager and session_manager are both session, manager.
std::vector<string> parts_of(string_view name) {
  std::vector<string> parts = {""};
  for (size_t i = 0; i < name.size(); ++i) {
    const auto c = static_cast<unsigned char>(name[i]);
    const bool hump =
        std::isupper(c) != 0 && i > 0 && std::islower(static_cast<unsigned char>(name[i - 1])) != 0;
    if (hump || std::isalnum(c) == 0)
      parts.emplace_back();
    if (std::isalnum(c) != 0)
      parts.back() += static_cast<char>(std::tolower(c));
  }
  return parts;
}

bool is_banned(string_view name) {
  constexpr std::array banned = {"manager", "managers", "helper", "helpers", "util", "utils"};
  const auto parts = parts_of(name);
  return std::any_of(parts.begin(), parts.end(), [&](const string& part) {
    return std::find(banned.begin(), banned.end(), part) != banned.end();
  });
}

// --- Functions: the outermost braces that belong to one ------------------------------------------

bool mentions(string_view text, std::initializer_list<string_view> any_of) {
  const auto words = words_of(text);
  return std::find_first_of(words.begin(), words.end(), any_of.begin(), any_of.end()) !=
         words.end();
}

// Whether the brace that follows `head`, the code since the last statement, opens a function.
bool opens_function(string_view head) {
  head = trimmed(head);
  if (head.ends_with(']'))
    return true; // a lambda without parameters
  const auto parenthesis = head.rfind(')');
  if (parenthesis == string_view::npos || head.ends_with('=') || head.ends_with(','))
    return false;
  const auto tail = head.substr(parenthesis + 1);
  const bool declares = mentions(head, {"class", "struct", "union", "enum", "namespace"});
  const bool qualifies = tail.find("->") != string_view::npos || mentions(tail, {"requires"});
  if (!declares || qualifies)
    return true;
  // A name follows in `struct alignas(64) name {`, none in `template <class T> void f(T) const {`.
  const auto words = words_of(tail);
  return std::all_of(words.begin(), words.end(), [](string_view word) {
    return mentions(word, {"const", "noexcept", "override", "final", "mutable", "volatile", "try"});
  });
}

struct brace {
  bool function;
  size_t line;
  string head; // the code before it, taken up again when it was part of an expression
};

// Follows the braces of a file's code and says how long each function is.
class function_lengths {
public:
  void read(string_view code) {
    for (size_t at = 0; at < code.size(); ++at) {
      const char c = code[at];
      if (c == '\n')
        ++line_;
      if (c == '{')
        open();
      else if (c == '}')
        close(trimmed(code.substr(at + 1, 80)));
      else if (c == ';' && parentheses_ == 0)
        head_.clear();
      else
        add(c);
    }
  }

  struct length {
    size_t line;
    size_t lines;
  };
  std::vector<length> found;

private:
  void add(char c) {
    parentheses_ += c == '(' ? 1 : c == ')' && parentheses_ > 0 ? -1 : 0;
    head_ += c;
  }

  void open() {
    open_.push_back({opens_function(head_), line_, head_});
    head_.clear();
    nested_.push_back(parentheses_);
    parentheses_ = 0;
  }

  void close(string_view next) {
    if (open_.empty())
      return;
    const auto was = open_.back();
    open_.pop_back();
    parentheses_ = nested_.back();
    nested_.pop_back();
    const bool inside =
        std::any_of(open_.begin(), open_.end(), [](const brace& b) { return b.function; });
    if (was.function && !inside)
      found.push_back({was.line, line_ - was.line + 1});
    const bool expression =
        parentheses_ > 0 ||
        (!next.empty() && string_view(",{).").find(next[0]) != string_view::npos);
    head_ = expression ? was.head + "_" : "";
  }

  size_t line_ = 1;
  int parentheses_ = 0;
  string head_;
  std::vector<brace> open_;
  std::vector<int> nested_; // parentheses that were open around each brace
};

} // namespace

// --- The checks ----------------------------------------------------------------------------------

bool has_extension(string_view path, std::initializer_list<string_view> extensions) {
  return std::any_of(extensions.begin(), extensions.end(),
                     [&](string_view extension) { return path.ends_with(extension); });
}

findings layers_crossed(const source_file& file) {
  findings found;
  size_t number = 0;
  for (const auto line : lines_of(file.text)) {
    ++number;
    const auto header = included_by(line);
    for (const auto& rule : layers())
      if (!header.empty() && file.path.starts_with(rule.folder) &&
          !starts_with_any(file.path, rule.except) && starts_with_any(header, rule.banned))
        found.push_back({file.path, number, "must not include " + string(header)});
  }
  return found;
}

findings too_long(const source_file& file) {
  const auto lines = lines_of(file.text).size();
  if (lines <= longest_file)
    return {};
  return {{file.path, longest_file + 1, "has " + std::to_string(lines) + " lines"}};
}

findings without_purpose(const source_file& file) {
  string_view last;
  for (const auto line : lines_of(file.text)) {
    if (!line.starts_with("// "))
      break;
    last = trimmed(line);
  }
  if (!last.empty() && last.ends_with('.'))
    return {};
  return {{file.path, 1, "must start with a sentence of purpose: // What this is for."}};
}

findings without_pragma_once(const source_file& file) {
  for (const auto line : lines_of(file.text))
    if (trimmed(line) == "#pragma once")
      return {};
  return {{file.path, 1, "has no #pragma once"}};
}

findings banned_names(const source_file& file) {
  findings found;
  if (is_banned(file.path))
    found.push_back({file.path, 1, "has a name that says nothing"});
  if (!is_cpp(file.path))
    return found;
  const auto code = code_of(file.text);
  size_t number = 0;
  for (const auto line : lines_of(code)) {
    ++number;
    for (const auto word : words_of(line))
      if (is_banned(word))
        found.push_back({file.path, number, string(word) + " says nothing"});
  }
  return found;
}

findings long_functions(const source_file& file) {
  function_lengths lengths;
  lengths.read(code_of(file.text));
  findings found;
  for (const auto& [line, lines] : lengths.found)
    if (lines > longest_function)
      found.push_back({file.path, line, "opens a function of " + std::to_string(lines) + " lines"});
  return found;
}

} // namespace parley::tidy
