// TLS over a pair of sockets that take little at a time: every byte once, in order, and bounded.

#include "transport/tls_channel.hpp"

#include <fstream>

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/catch.hpp"
#include "tests/support/temporary_directory.hpp"

namespace tls_channel_test {

using namespace parley;
using std::string;
using std::string_view;

// --- A certificate -------------------------------------------------------------------------------

using file_ptr = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

file_ptr create(const std::filesystem::path& path) {
  return {std::fopen(path.c_str(), "w"), &std::fclose};
}

void write_certificate(const std::filesystem::path& cert, const std::filesystem::path& key) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> pair{EVP_EC_gen("P-256"),
                                                                 &EVP_PKEY_free};
  const std::unique_ptr<X509, decltype(&X509_free)> made{X509_new(), &X509_free};
  X509_gmtime_adj(X509_getm_notBefore(made.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
  X509_set_pubkey(made.get(), pair.get());
  REQUIRE(X509_sign(made.get(), pair.get(), EVP_sha256()) > 0);
  REQUIRE(PEM_write_X509(create(cert).get(), made.get()) == 1);
  REQUIRE(PEM_write_PrivateKey(create(key).get(), pair.get(), nullptr, nullptr, 0, nullptr,
                               nullptr) == 1);
}

const tls_ptr& context() {
  static const tls_ptr made = [] {
    const test::temporary_directory place;
    write_certificate(place.path() / "cert", place.path() / "key");
    auto read = tls_context::read(place.path() / "cert", place.path() / "key");
    REQUIRE(read.ok());
    return *read;
  }();
  return made;
}

// --- Both ends -----------------------------------------------------------------------------------

/// A channel and a client of OpenSSL's own, after their handshake.
class both_ends {
public:
  both_ends() {
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends_.data()) == 0);
    const int little = 8 * 1024;
    ::setsockopt(ends_[0], SOL_SOCKET, SO_SNDBUF, &little, sizeof little);
    server.emplace(*context(), ends_[0]);
    context_.reset(SSL_CTX_new(TLS_client_method()));
    client.reset(SSL_new(context_.get()));
    SSL_set_fd(client.get(), ends_[1]);
    for (int turn = 0; turn < 20 && SSL_connect(client.get()) != 1; ++turn)
      CHECK(receive().empty());
    CHECK(receive().empty());
    REQUIRE(SSL_is_init_finished(client.get()));
  }
  ~both_ends() {
    for (const int each : ends_)
      ::close(each);
  }

  /// What one call of `receive` gives; "gone" at the end.
  string receive(std::size_t most = 1000) {
    string text(most, '\0');
    const ssize_t got = server->receive(text);
    return got < 0 ? "gone" : text.substr(0, static_cast<std::size_t>(got));
  }

  ssize_t send(std::initializer_list<string_view> texts) {
    std::vector<iovec> pieces;
    for (const auto text : texts)
      pieces.push_back({const_cast<char*>(text.data()), text.size()});
    return server->send(pieces);
  }

  /// Everything the client can read now.
  string read() {
    string all;
    std::array<char, 3000> part{};
    for (std::size_t got = 0; SSL_read_ex(client.get(), part.data(), part.size(), &got) == 1;)
      all.append(part.data(), got);
    return all;
  }

  void write(string_view text) {
    std::size_t took = 0;
    REQUIRE(SSL_write_ex(client.get(), text.data(), text.size(), &took) == 1);
  }

  std::optional<tls_channel> server;
  std::unique_ptr<SSL, decltype(&SSL_free)> client{nullptr, &SSL_free};

private:
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{nullptr, &SSL_CTX_free};
  std::array<int, 2> ends_{};
};

string text_of(std::size_t size, char seed) {
  string text;
  for (std::size_t i = 0; i < size; ++i)
    text += static_cast<char>(seed + static_cast<char>(i * i % 23));
  return text;
}

TEST_CASE("what is taken arrives once and in order, however little room there is") {
  both_ends both;
  const string small = text_of(10, 'a');
  const string large = text_of(200'000, 'A');
  string taken;
  string read;
  while (taken.size() < 2 * large.size()) {
    const ssize_t took = both.send({small, large, "", small});
    REQUIRE(took >= 0);
    taken += (small + large + small).substr(0, static_cast<std::size_t>(took));
    read += both.read();
  }
  for (int turn = 0; turn < 100 && both.server->owes(); ++turn) {
    both.server->flush();
    read += both.read();
  }
  read += both.read();
  CHECK_FALSE(both.server->owes());
  CHECK(read == taken);
}

TEST_CASE("bytes that were not taken need not be sent again") {
  both_ends both;
  const string first = text_of(300'000, 'a');
  const ssize_t took = both.send({first});
  REQUIRE(took > 0);
  REQUIRE(static_cast<std::size_t>(took) < first.size());
  CHECK(both.server->owes());
  CHECK(both.send({first}) == 0);
  string read;
  while (both.server->owes()) {
    read += both.read();
    both.server->flush();
  }
  CHECK(both.send({"something else"}) == 14);
  CHECK(read + both.read() == first.substr(0, static_cast<std::size_t>(took)) + "something else");
}

TEST_CASE("what is decrypted already is told, since the socket will not tell") {
  both_ends both;
  const string sent = text_of(5000, 'a');
  both.write(sent);
  string got = both.receive();
  while (both.server->has_more())
    got += both.receive();
  CHECK(got == sent);
  CHECK(both.receive().empty());
  CHECK_FALSE(both.server->has_more());
}

TEST_CASE("the peer's end comes behind what it sent, and may still be answered") {
  both_ends both;
  both.write("question");
  SSL_shutdown(both.client.get());
  CHECK(both.receive() == "question");
  CHECK(both.server->has_more());
  CHECK(both.send({"answer"}) == 6);
  CHECK(both.receive() == "gone");
  both.server->finish();
  CHECK(both.read() == "answer");
  CHECK(SSL_get_shutdown(both.client.get()) == (SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN));
}

TEST_CASE("a connection without its close_notify is cut, not ended") {
  both_ends both;
  both.write("half of a");
  ::shutdown(SSL_get_fd(both.client.get()), SHUT_WR);
  CHECK(both.receive() == "half of a");
  CHECK(both.receive() == "gone");
  CHECK_FALSE(both.server->peer_finished());
  CHECK(both.send({"answer"}) < 0);
}

TEST_CASE("nothing is sent before the handshake, and rubbish is none") {
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0);
  tls_channel channel{*context(), ends[0]};
  std::array<char, 100> into{};
  const iovec piece{into.data(), into.size()};
  CHECK(channel.receive(into) == 0);
  CHECK(channel.send({&piece, 1}) < 0);
  REQUIRE(::write(ends[1], "GET / HTTP/1.1\r\n\r\n", 18) == 18);
  CHECK(channel.receive(into) < 0);
  CHECK(channel.receive(into) < 0);
  for (const int each : ends)
    ::close(each);
}

TEST_CASE("who asks for new keys and never reads the answers is ended") {
  both_ends both;
  string last;
  for (int turn = 0; turn < 20'000 && last.empty(); ++turn) {
    SSL_key_update(both.client.get(), SSL_KEY_UPDATE_REQUESTED);
    SSL_do_handshake(both.client.get());
    last = both.receive();
  }
  CHECK(last == "gone");
}

} // namespace tls_channel_test
