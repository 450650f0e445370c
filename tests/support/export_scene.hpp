// Archives of a conversation that tests fill, and what is in them.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/file_desk.hpp"
#include "persistence/exports/store_exports.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/engine_scene.hpp"
#include "transport/codec.hpp"

namespace parley::test {

/// Entries of a tar by their names: the plain form is enough for names and sizes like ours.
struct opened_tar {
  std::map<std::string, std::string> entries;
  std::vector<std::string> names; ///< In the order of the archive.

  explicit opened_tar(const std::string& bytes) {
    for (std::size_t at = 0; at + 512 <= bytes.size() && bytes[at] != '\0';) {
      const std::string name = bytes.c_str() + at;
      const auto size = std::stoull(bytes.substr(at + 124, 12), nullptr, 8);
      CHECK(bytes.substr(at + 257, 5) == "ustar");
      CHECK(bytes[at + 156] == '0');
      entries[name] = bytes.substr(at + 512, size);
      names.push_back(name);
      at += 512 + (size + 511) / 512 * 512;
    }
  }
  bool has(const std::string& name) const { return entries.contains(name); }
  json document(const std::string& name) const {
    REQUIRE(has(name));
    return json::parse(entries.at(name));
  }
  /// The lines of all parts of a name.
  std::vector<json> lines(const std::string& name) const {
    std::vector<json> all;
    for (const auto& [part, text] : entries) {
      if (!part.starts_with(name + "-"))
        continue;
      for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
        all.push_back(json::parse(text.substr(at, text.find('\n', at) - at)));
    }
    return all;
  }
};

struct crew {
  scene it;
  std::optional<client> alice, bob, eve;
  conversation_id where;

  crew() {
    std::filesystem::create_directories(it.data.path() / "files");
    it.restart();
    alice.emplace(it, "alice");
    bob.emplace(it, "bob");
    eve.emplace(it, "eve");
    where = conversation_id{make_group(*alice, {user_id{"bob"}}).get<std::string>()};
  }

  export_sources sources() {
    export_sources from;
    from.tables = [this] {
      return result<std::shared_ptr<const environment>>{it.engine->model().tables()};
    };
    from.files = it.data.path() / "files";
    from.to_json = &to_json;
    return from;
  }
  result<std::unique_ptr<export_archive>> begin(const export_question& what) {
    it.pass(std::chrono::milliseconds{500}); // everything is applied
    return export_archive::begin(sources(), what, it.engine->wall_clock());
  }
  std::string code_of(const export_question& what) {
    const auto begun = begin(what);
    return begun ? "ok" : std::string(describe(begun.error().code).name);
  }
  static std::string rest_of(export_archive& archive) {
    std::string all;
    for (;;) {
      auto some = archive.read();
      REQUIRE(some);
      if (some->empty())
        return all;
      all += *some;
    }
  }
  opened_tar exported(const export_question& what) {
    auto begun = begin(what);
    REQUIRE(begun);
    return opened_tar{rest_of(**begun)};
  }
  opened_tar of_conversation(std::optional<std::string> reader) {
    export_question what{where, {}};
    if (reader)
      what.reader = user_id{*reader};
    return exported(what);
  }
  opened_tar of_user(const std::string& user) { return exported({user_id{user}, user_id{user}}); }
  std::uint64_t post(client& who, const std::string& id, const std::string& body = "hi") {
    return who.post(where.str(), id, body)["seq"];
  }

  file_facts uploaded(const std::string& by, const std::string& bytes) {
    file_desk desk{it.engine->context(), {}};
    std::shared_ptr<upload> begun;
    desk.begin({user_id{by}, "a b.txt", "text/plain", bytes.size()},
               [&](result<std::shared_ptr<upload>> made) { begun = *made; });
    it.engine->settle();
    REQUIRE(begun);
    begun->write(bytes, [](const outcome& how) { CHECK(how); });
    it.engine->settle();
    std::optional<file_facts> known;
    begun->finish([&](const result<file_facts>& kept) { known = *kept; });
    it.engine->settle();
    REQUIRE(known);
    return *known;
  }
  std::uint64_t send_file(client& by, const std::string& id, const file_facts& file) {
    send_message what{where, client_id{id}, ""};
    what.files = std::vector<file_id>{file.file};
    return by.ask(std::move(what))["seq"];
  }
};

} // namespace parley::test
