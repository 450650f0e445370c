// The house rules as pure functions: from the text of a file to what is wrong with it.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace parley::tidy {

/// Lines of a file: longer ones have a second purpose.
inline constexpr std::size_t longest_file = 500;
/// Lines of a function, with its braces: as many as one sees at once.
inline constexpr std::size_t longest_function = 70;

/// A file of the tree.
struct source_file {
  std::string path; ///< from the root, with slashes
  std::string text;
};

/// Something a rule forbids, and where.
struct finding {
  std::string path;
  std::size_t line; ///< from 1
  std::string what;

  friend std::ostream& operator<<(std::ostream& out, const finding& f) {
    return out << f.path << ':' << f.line << ": " << f.what;
  }
};

using findings = std::vector<finding>;
using check = findings (*)(const source_file&);

/// Includes that cross the layers: transport -> actors <- persistence, CAF behind actors/caf.hpp.
findings layers_crossed(const source_file& file);

/// A file of more than `longest_file` lines.
findings too_long(const source_file& file);

/// Functions of more than `longest_function` lines, as far as braces tell.
findings long_functions(const source_file& file);

/// A file that does not start with a `//` comment that ends in a full stop.
findings without_purpose(const source_file& file);

/// A header that may be included twice.
findings without_pragma_once(const source_file& file);

/// Names that do not say what a thing does (Manager and its kin): of any file, and in C++ code.
findings banned_names(const source_file& file);

/// Whether the path ends in one of the extensions.
bool has_extension(std::string_view path, std::initializer_list<std::string_view> extensions);

} // namespace parley::tidy
