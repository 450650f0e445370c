// The file of options that `--config` names.
#include <array>
#include <iostream>
#include <string>

#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/decoders.hpp"
#include "transport/cli.hpp"
#include "transport/cli_config.hpp"
#include "transport/listener.hpp"

namespace parley::fuzz {

namespace {

/// A file in memory.
class config_file {
public:
  explicit config_file(std::string_view text) : file_(::memfd_create("config", MFD_CLOEXEC)) {
    promise(::write(file_, text.data(), text.size()) == static_cast<ssize_t>(text.size()),
            "there is memory for a file");
  }
  ~config_file() { ::close(file_); }
  config_file(const config_file&) = delete;
  config_file& operator=(const config_file&) = delete;

  std::string name() const { return "/proc/self/fd/" + std::to_string(file_); }

private:
  int file_;
};

} // namespace

void read_config(std::string_view bytes) {
  std::cout.setstate(std::ios::failbit); // what is wrong with each is of no interest
  std::cerr.setstate(std::ios::failbit);
  const config_file file{bytes};
  std::array<std::string, 5> words{"parleyd", "--data", "data", "--config", file.name()};
  std::array<char*, 6> argv{};
  for (std::size_t i = 0; i < words.size(); ++i)
    argv[i] = words[i].data();
  const auto read = parse_command_line(static_cast<int>(words.size()), argv.data(), "1");
  (void)parse_duration(bytes);
  const auto* serve = std::get_if<serve_options>(&read);
  if (serve == nullptr)
    return;
  promise(parse_endpoint(serve->listen).has_value(), "a server has a place to listen at");
  promise(serve->io_threads > 0 && serve->workers > 0, "a server has threads");
  for (const auto& each : serve->origins)
    (void)flaw_of_origin(each);
}

} // namespace parley::fuzz
