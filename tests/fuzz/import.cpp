// Lines of `parleyd import`, into a store with nothing in it.
#include <string>

#include "tests/fuzz/decoders.hpp"
#include "tests/support/temporary_directory.hpp"
#include "transport/main_import.hpp"

namespace parley::fuzz {

namespace {

std::shared_ptr<store> empty_store() {
  static const test::temporary_directory place;
  store_options options;
  options.directory = place.path();
  auto opened = store::open(options);
  promise(opened.ok(), "there is room for a store");
  return *opened;
}

} // namespace

void read_import(std::string_view bytes) {
  static const auto into = empty_store();
  importer work{into}; // never finished: what it has decided goes with it
  while (!bytes.empty()) {
    const std::string_view line = take_front(bytes, bytes.find('\n'));
    bytes.remove_prefix(bytes.empty() ? 0 : 1);
    const auto refused = work.take(line);
    promise(refused.ok(), "no line harms the store");
  }
  promise(work.figures().refused <= work.figures().lines, "lines are counted once");
}

} // namespace parley::fuzz
