// Where webhooks may go: URLs and addresses, as tables.
#include "transport/webhook_url.hpp"

#include "tests/support/catch.hpp"
#include "transport/webhook_address.hpp"

namespace parley::test {

namespace webhook_url_test {

TEST_CASE("a URL is taken apart") {
  struct row {
    const char* url;
    webhook_target target;
    const char* host;
  };
  for (const auto& each : {
           row{"https://example.com", {true, "example.com", 443, "/"}, "example.com"},
           row{"http://example.com/", {false, "example.com", 80, "/"}, "example.com"},
           row{"https://example.com:8443/a/b?c=d&e",
               {true, "example.com", 8443, "/a/b?c=d&e"},
               "example.com:8443"},
           row{"https://example.com:/x", {true, "example.com", 443, "/x"}, "example.com"},
           row{"http://example.com:443?q", {false, "example.com", 443, "/?q"}, "example.com:443"},
           row{"http://127.0.0.1:9/x", {false, "127.0.0.1", 9, "/x"}, "127.0.0.1:9"},
           row{"https://[2001:db8::1]:444/", {true, "2001:db8::1", 444, "/"}, "[2001:db8::1]:444"},
           row{"http://[::1]", {false, "::1", 80, "/"}, "[::1]"},
       }) {
    CAPTURE(each.url);
    const auto target = parse_webhook_url(each.url);
    REQUIRE(target);
    CHECK(*target == each.target);
    CHECK(host_field(*target) == each.host);
  }
}

TEST_CASE("a URL that may hide something is refused") {
  for (const auto* each : {"",
                           "example.com",
                           "ftp://example.com",
                           "HTTPS://example.com",
                           "https:///x",
                           "https://",
                           "https://user@example.com",
                           "https://user:word@example.com/",
                           "https://a@b@c/",
                           "https://example.com/#part",
                           "https://example.com/a b",
                           "https://example.com/\n",
                           "https://exa\tmple.com",
                           "https://ex\xc3\xa4mple.com",
                           "https://example.com:0/",
                           "https://example.com:65536/",
                           "https://example.com:8o/",
                           "https://example.com:-1/",
                           "https://[::1",
                           "https://[::1]x/",
                           "https://[fe80::1%25eth0]/",
                           "https://[example.com]/",
                           "https://::1/",
                           "https://exam%70le.com/",
                           "https://example.com\\@other/",
                           "https://exa,mple.com/"}) {
    CAPTURE(each);
    CHECK_FALSE(parse_webhook_url(each));
  }
  CHECK_FALSE(parse_webhook_url("https://example.com/" + std::string(2048, 'a')));
}

TEST_CASE("addresses of the open net are public") {
  for (const auto* each : {"1.1.1.1",
                           "8.8.8.8",
                           "9.255.255.255",
                           "11.0.0.0",
                           "100.63.255.255",
                           "100.128.0.0",
                           "126.255.255.255",
                           "128.0.0.0",
                           "169.253.255.255",
                           "172.15.255.255",
                           "172.32.0.0",
                           "192.167.255.255",
                           "198.17.255.255",
                           "198.20.0.0",
                           "223.255.255.255",
                           "2606:4700::1111",
                           "2a00:1450:4001:81b::200e",
                           "::ffff:8.8.8.8",
                           "64:ff9b::8.8.8.8",
                           "2002:808:808::1"}) {
    CAPTURE(each);
    CHECK(is_public(boost::asio::ip::make_address(each)));
  }
}

TEST_CASE("addresses of machines, networks, links and groups are not") {
  for (const auto* each : {"0.0.0.0",
                           "0.1.2.3",
                           "10.0.0.1",
                           "10.255.255.255",
                           "100.64.0.1",
                           "127.0.0.1",
                           "127.255.255.255",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.1",
                           "192.0.2.1",
                           "192.168.0.1",
                           "198.18.0.1",
                           "198.19.255.255",
                           "198.51.100.1",
                           "203.0.113.1",
                           "224.0.0.1",
                           "239.255.255.255",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::7f00:1",
                           "::ffff:127.0.0.1",
                           "::ffff:0:127.0.0.1",
                           "::ffff:10.0.0.1",
                           "::ffff:169.254.169.254",
                           "64:ff9b::10.0.0.1",
                           "64:ff9b:1::1",
                           "100::1",
                           "2001::1",
                           "2001:db8::1",
                           "2002:7f00:1::1",
                           "2002:a00:1::1",
                           "3fff::1",
                           "fc00::1",
                           "fd12:3456::1",
                           "fe80::1",
                           "febf::1",
                           "fec0::1",
                           "ff02::1"}) {
    CAPTURE(each);
    CHECK_FALSE(is_public(boost::asio::ip::make_address(each)));
  }
}

} // namespace webhook_url_test

} // namespace parley::test
