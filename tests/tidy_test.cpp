// The house rules that a machine can check: layers, lengths, names and first lines of every file.

#include "tests/support/tidy.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

#include "tests/support/catch.hpp"

namespace tidy_test {

namespace fs = std::filesystem;
using namespace parley::tidy;
using std::size_t;
using std::string;
using std::string_view;

// --- The tree ------------------------------------------------------------------------------------

bool is_foreign(const fs::path& folder) {
  const auto name = folder.filename().string();
  constexpr std::array foreign = {"build", "data", "dist", "node_modules", "third_party"};
  return name.starts_with('.') || std::find(foreign.begin(), foreign.end(), name) != foreign.end();
}

string content_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<source_file> read_tree() {
  const fs::path root = PARLEY_SOURCE_DIR;
  std::vector<source_file> files;
  for (auto at = fs::recursive_directory_iterator(root); at != fs::recursive_directory_iterator();
       ++at) {
    if (at->is_directory() && is_foreign(at->path()))
      at.disable_recursion_pending();
    const auto path = at->path().lexically_relative(root).generic_string();
    if (at->is_regular_file() &&
        has_extension(path, {".cpp", ".hpp", ".py", ".mjs", ".ts", ".tsx"}))
      files.push_back({path, content_of(at->path())});
  }
  return files;
}

void require_none(check look, std::initializer_list<string_view> extensions) {
  size_t seen = 0;
  for (const auto& file : read_tree()) {
    if (!has_extension(file.path, extensions))
      continue;
    ++seen;
    for (const auto& f : look(file))
      FAIL_CHECK(f);
  }
  REQUIRE(seen > 0);
}

string repeated(string_view line, size_t times) {
  string text;
  while (times-- > 0)
    text += line;
  return text;
}

// What a check finds in a planted sample: the line of its first finding, or 0.
size_t first_line(check look, string path, string text) {
  const auto found = look({std::move(path), std::move(text)});
  return found.empty() ? 0 : found.front().line;
}

// --- The rules hold ------------------------------------------------------------------------------

TEST_CASE("the layers include only what is below them") {
  require_none(layers_crossed, {".cpp", ".hpp"});
}

TEST_CASE("no file is longer than a reader's patience") {
  require_none(too_long, {".cpp", ".hpp", ".py", ".mjs", ".ts", ".tsx"});
}

TEST_CASE("no function is longer than a screen") { require_none(long_functions, {".cpp", ".hpp"}); }

TEST_CASE("every file starts by saying what it is for") {
  require_none(without_purpose, {".cpp", ".hpp"});
}

TEST_CASE("every header is included once") { require_none(without_pragma_once, {".hpp"}); }

TEST_CASE("names say what a thing is") {
  require_none(banned_names, {".cpp", ".hpp", ".py", ".mjs", ".ts", ".tsx"});
}

TEST_CASE("documents that say what shows it name tests that are there") {
  const fs::path root = PARLEY_SOURCE_DIR;
  const std::regex named{"`((\\w+_test)|(?:(?:journeys|proof/rows)/[\\w.]+))`"};
  for (const char* document : {"docs/features.md", "SECURITY.md"}) {
    const string text = content_of(root / document);
    size_t found = 0;
    for (std::sregex_iterator each{text.begin(), text.end(), named}, end; each != end;
         ++each, ++found) {
      const string name = (*each)[1];
      INFO(name);
      CHECK(fs::exists(root / "tests" / (name + ((*each)[2].matched ? ".cpp" : ""))));
    }
    CHECK(found > 50);
  }
}

// --- The checks find what is planted -------------------------------------------------------------

TEST_CASE("an include across the layers is found") {
  const auto line = [](string path, string text) {
    return first_line(layers_crossed, std::move(path), std::move(text));
  };
  CHECK(line("actors/a.hpp", "// A.\n#include \"transport/b.hpp\"\n") == 2);
  CHECK(line("actors/a.hpp", "#include \"../persistence/b.hpp\"\n") == 1);
  CHECK(line("actors/a.cpp", "#  include <lmdb.h>\n") == 1);
  CHECK(line("actors/a.cpp", "#include <boost/asio/post.hpp>\n") == 1);
  CHECK(line("actors/a.cpp", "#include <caf/send.hpp>\n") == 1);
  CHECK(line("actors/a.cpp", "#include <prometheus/metric_family.h>\n") == 1);
  CHECK(line("persistence/a.cpp", "#include <prometheus/metric_family.h>\n") == 1);
  CHECK(line("persistence/a.cpp", "#include \"transport/b.hpp\"\n") == 1);
  CHECK(line("persistence/a.cpp", "#include <boost/beast/core.hpp>\n") == 1);
  CHECK(line("persistence/a.cpp", "#include <caf/send.hpp>\n") == 1);
  CHECK(line("transport/a.cpp", "#include \"persistence/b.hpp\"\n") == 1);
  CHECK(line("transport/a.cpp", "#include <lmdb.h>\n") == 1);
  CHECK(line("transport/main_a.cpp", "#include <caf/send.hpp>\n") == 1);

  CHECK(line("actors/caf.hpp", "#include <caf/send.hpp>\n") == 0);
  CHECK(line("transport/main.cpp", "#include \"persistence/b.hpp\"\n") == 0);
  CHECK(line("transport/cli.cpp", "#include \"persistence/b.hpp\"\n") == 0);
  CHECK(line("persistence/a.cpp", "#include <lmdb.h>\n#include \"actors/b.hpp\"\n") == 0);
  CHECK(line("actors/a.cpp", "// not an #include <lmdb.h>\n") == 0);
}

TEST_CASE("a file that is too long is found") {
  CHECK(first_line(too_long, "web/a.ts", repeated("x\n", longest_file + 1)) == longest_file + 1);
  CHECK(first_line(too_long, "web/a.ts", repeated("x\n", longest_file)) == 0);
}

TEST_CASE("a function that is too long is found, whatever it looks like") {
  const auto body = repeated("  call({1, '\\'', 20'000}); // {\n", longest_function - 1);
  const auto line = [](string text) {
    return first_line(long_functions, "a.cpp", std::move(text));
  };
  for (const string head :
       {"void f() {", "TEST_CASE(\"a {sentence\") {", "auto g(int x) const -> std::vector<int> {",
        "template <class T> T h(T x) {", "thing::thing(int a) : a_(a), b_{a} {",
        "const auto l = [] {", "const auto m = [](auto x) {", "X(a, b)\nvoid k(s t = {}) {",
        "template <class T>\nvoid f(T)\n  requires c<T>\n{"}) {
    CAPTURE(head);
    const auto first = 1 + static_cast<size_t>(std::count(head.begin(), head.end(), '\n'));
    const auto closed = body + "}\n";
    CHECK(line("#define OPEN {\nnamespace a {\n" + head + "\n" + closed + "}\n") == first + 2);
    CHECK(line("struct b : c {\n" + head + "\n" + closed + "};\n") == first + 1);
    CHECK(line(head + "\n" + closed.substr(closed.find('\n') + 1)) == 0);
  }
}

TEST_CASE("a long table, class or namespace is no long function") {
  const auto inside = repeated("  {1, f(2)},\n", longest_function);
  const auto members = repeated("  void f() { g(); }\n", longest_function);
  const auto line = [](string text) {
    return first_line(long_functions, "a.cpp", std::move(text));
  };
  CHECK(line("const row rows[] = {\n" + inside + "};\n") == 0);
  CHECK(line("const std::vector<row> rows{\n" + inside + "};\n") == 0);
  CHECK(line("enum class e {\n" + repeated("  a,\n", longest_function) + "};\n") == 0);
  CHECK(line("struct alignas(64) s final {\n" + members + "};\n") == 0);
  CHECK(line("BEGIN(parley, 1)\nnamespace n {\n" + members + "}\n") == 0);
}

TEST_CASE("a file that does not say what it is for is found") {
  const auto line = [](string text) {
    return first_line(without_purpose, "a.hpp", std::move(text));
  };
  CHECK(line("#pragma once\n") == 1);
  CHECK(line("\n// Too late.\n") == 1);
  CHECK(line("// no sentence\n#pragma once\n") == 1);
  CHECK(line("") == 1);
  CHECK(line("// A sentence.\n") == 0);
  CHECK(line("// A sentence of\n// two lines.\n#pragma once\n") == 0);
}

TEST_CASE("a header without its pragma is found") {
  CHECK(first_line(without_pragma_once, "a.hpp", "// #pragma once\nint a;\n") == 1);
  CHECK(first_line(without_pragma_once, "a.hpp", "// A.\n#pragma once\n") == 0);
}

TEST_CASE("a name that says nothing is found") {
  const auto line = [](string path, string text) {
    return first_line(banned_names, std::move(path), std::move(text));
  };
  CHECK(line("actors/session_manager.cpp", "") == 1);
  CHECK(line("tests/utils.py", "") == 1);
  CHECK(line("a.cpp", "int a;\nclass SessionManager;\n") == 2);
  CHECK(line("a.cpp", "namespace util {}\n") == 1);
  CHECK(line("a.cpp", "void string_helper();\n") == 1);
  CHECK(line("a.cpp", "const char *s = R\"x(\")x\"; int helpers;\n") == 1);

  CHECK(line("a.cpp", "#include <utility> // the Manager\n") == 0);
  CHECK(line("a.cpp", "auto s = \"Manager \\\" Util\"; auto utilisation = 1'0;\n") == 0);
  CHECK(line("a.mjs", "import util from 'node:util'\n") == 0);
}

} // namespace tidy_test
