// Tokens that others sign: each key with its algorithm, and everything that must not pass for it.

#include "transport/token_verifier.hpp"

#include <fstream>

#include <openssl/bio.h>
#include <openssl/ecdsa.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "actors/digest.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_directory.hpp"

namespace token_verifier_test {

using namespace parley;
using namespace std::chrono_literals;
using std::string;

const timestamp now{1'700'000'000s};
const string rs256 = R"({"alg":"RS256"})";
const string es256 = R"({"alg":"ES256"})";
const string good_claims = R"({"sub":"alice","exp":1700000060})";

// --- Signing as an identity provider does --------------------------------------------------------

using pair_ptr = std::shared_ptr<EVP_PKEY>;

pair_ptr make_rsa(unsigned bits) { return {EVP_RSA_gen(bits), &EVP_PKEY_free}; }
pair_ptr make_ec(const char* curve) { return {EVP_EC_gen(curve), &EVP_PKEY_free}; }

const pair_ptr& rsa() {
  static const pair_ptr made = make_rsa(2048);
  return made;
}
const pair_ptr& ec() {
  static const pair_ptr made = make_ec("P-256");
  return made;
}

template <class Write>
string pem_of(Write write) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out{BIO_new(BIO_s_mem()), &BIO_free};
  REQUIRE(write(out.get()) == 1);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

string public_pem(const pair_ptr& key) {
  return pem_of([&](BIO* out) { return PEM_write_bio_PUBKEY(out, key.get()); });
}

string private_pem(const pair_ptr& key) {
  return pem_of([&](BIO* out) {
    return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

string raw_signature(const pair_ptr& key, const string& text, const EVP_MD* hash, bool pss) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> sign{EVP_MD_CTX_new(),
                                                                     &EVP_MD_CTX_free};
  EVP_PKEY_CTX* details = nullptr;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  REQUIRE(EVP_DigestSignInit(sign.get(), &details, hash, nullptr, key.get()) == 1);
  if (pss)
    REQUIRE(EVP_PKEY_CTX_set_rsa_padding(details, RSA_PKCS1_PSS_PADDING) == 1);
  std::size_t size = 0;
  REQUIRE(EVP_DigestSign(sign.get(), nullptr, &size, bytes, text.size()) == 1);
  string out(size, '\0');
  REQUIRE(EVP_DigestSign(sign.get(), reinterpret_cast<unsigned char*>(out.data()), &size, bytes,
                         text.size()) == 1);
  out.resize(size);
  return out;
}

/// The two numbers side by side, as tokens have them.
string side_by_side(const string& der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair{
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())), &ECDSA_SIG_free};
  REQUIRE(pair);
  std::array<unsigned char, 64> out{};
  BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), out.data(), 32);
  BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), out.data() + 32, 32);
  return {reinterpret_cast<const char*>(out.data()), out.size()};
}

string text_of(const string& header, const string& claims) {
  return base64url(header) + "." + base64url(claims);
}

string sign(const pair_ptr& key, const string& header, const string& claims = good_claims) {
  const string text = text_of(header, claims);
  string signature = raw_signature(key, text, EVP_sha256(), false);
  if (EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_EC)
    signature = side_by_side(signature);
  return text + "." + base64url(signature);
}

string sign_with_secret(const string& secret, const string& header) {
  const string text = text_of(header, good_claims);
  std::array<unsigned char, 32> out{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data(), &size);
  return text + "." + base64url({reinterpret_cast<const char*>(out.data()), size});
}

// --- Asking --------------------------------------------------------------------------------------

token_verifier verifier_of(const std::vector<pair_ptr>& trusted, token_rules rules = {}) {
  std::vector<public_key> keys;
  for (const auto& each : trusted) {
    auto key = public_key::parse(public_pem(each));
    REQUIRE(key.ok());
    keys.push_back(std::move(*key));
  }
  return {std::move(keys), std::move(rules)};
}

string fate(const token_verifier& by, const string& token) {
  const auto who = by.verify(token, now);
  return who ? who->user.str() : string{describe(who.error().code).name};
}

string why_not(const string& pem) {
  const auto key = public_key::parse(pem);
  return key ? "fine" : key.error().message;
}

TEST_CASE("each key takes tokens of its one algorithm") {
  const auto by_rsa = verifier_of({rsa()});
  const auto by_ec = verifier_of({ec()});
  CHECK(fate(by_rsa, sign(rsa(), rs256)) == "alice");
  CHECK(fate(by_ec, sign(ec(), es256)) == "alice");
  CHECK(fate(by_rsa, sign(ec(), es256)) == "unauthenticated");
  CHECK(fate(by_ec, sign(rsa(), rs256)) == "unauthenticated");
  CHECK(fate(by_rsa, sign(make_rsa(2048), rs256)) == "unauthenticated");
  CHECK(fate(by_ec, sign(make_ec("P-256"), es256)) == "unauthenticated");
  for (const string alg : {"ES256", "RS384", "RS512", "PS256", "HS256", "none", "rs256", ""}) {
    CAPTURE(alg);
    CHECK(fate(by_rsa, sign(rsa(), R"({"alg":")" + alg + R"("})")) == "unauthenticated");
  }
  for (const string alg : {"RS256", "ES384", "ES256K", "EdDSA", "HS256", "none", "es256", ""}) {
    CAPTURE(alg);
    CHECK(fate(by_ec, sign(ec(), R"({"alg":")" + alg + R"("})")) == "unauthenticated");
  }
}

TEST_CASE("a public key is no secret, and no signature is none") {
  for (const auto& key : {rsa(), ec()}) {
    const auto by = verifier_of({key});
    const string pem = public_pem(key);
    for (const string& secret : {pem, pem.substr(0, pem.size() - 1), string{}})
      for (const string alg : {"HS256", "RS256", "ES256", "none"})
        CHECK(fate(by, sign_with_secret(secret, R"({"alg":")" + alg + R"("})")) ==
              "unauthenticated");
    for (const string alg : {"none", "None", "NONE", "RS256", "ES256", ""}) {
      const string text = text_of(R"({"alg":")" + alg + R"("})", good_claims);
      CHECK(fate(by, text + ".") == "unauthenticated");
      CHECK(fate(by, text) == "unauthenticated");
      CHECK(fate(by, text + "." + base64url(string(64, '\0'))) == "unauthenticated");
    }
  }
}

TEST_CASE("signatures of another shape are not taken") {
  const string of_rsa = text_of(rs256, good_claims);
  const string of_ec = text_of(es256, good_claims);
  const auto by_rsa = verifier_of({rsa()});
  const auto by_ec = verifier_of({ec()});
  const auto with = [](const string& text, const string& signature) {
    return text + "." + base64url(signature);
  };
  CHECK(fate(by_rsa, with(of_rsa, raw_signature(rsa(), of_rsa, EVP_sha256(), true))) ==
        "unauthenticated");
  CHECK(fate(by_rsa, with(of_rsa, raw_signature(rsa(), of_rsa, EVP_sha512(), false))) ==
        "unauthenticated");
  const string der = raw_signature(ec(), of_ec, EVP_sha256(), false);
  CHECK(fate(by_ec, with(of_ec, der)) == "unauthenticated");
  const string pair = side_by_side(der);
  CHECK(fate(by_ec, with(of_ec, pair)) == "alice");
  CHECK(fate(by_ec, with(of_ec, pair.substr(0, 63))) == "unauthenticated");
  CHECK(fate(by_ec, with(of_ec, pair + '\0')) == "unauthenticated");
  CHECK(fate(by_ec, with(of_ec, '\0' + pair)) == "unauthenticated");
  CHECK(fate(by_ec, with(of_ec, string(64, '\xff'))) == "unauthenticated");
  const string other = text_of(es256, R"({"sub":"bob","exp":1700000060})");
  CHECK(fate(by_ec, with(other, pair)) == "unauthenticated");
}

TEST_CASE("while keys change, the old and the new one are good") {
  const auto next = make_rsa(2048);
  const auto by = verifier_of({rsa(), ec(), next});
  CHECK(fate(by, sign(rsa(), rs256)) == "alice");
  CHECK(fate(by, sign(next, rs256)) == "alice");
  CHECK(fate(by, sign(ec(), es256)) == "alice");
  CHECK(fate(by, sign(make_rsa(2048), rs256)) == "unauthenticated");
}

TEST_CASE("issuer and audience are checked when they are asked for") {
  const auto claims = [](const string& more) {
    return R"({"sub":"alice","exp":1700000060)" + more + "}";
  };
  const string no = "unauthenticated";
  const std::vector<std::tuple<token_rules, string, string>> table{
      {{}, R"(,"iss":"any","aud":"any")", "alice"},
      {{"us", {}, {}}, R"(,"iss":"us")", "alice"},
      {{"us", {}, {}}, R"(,"iss":"US")", no},
      {{"us", {}, {}}, R"(,"iss":["us"])", no},
      {{"us", {}, {}}, R"(,"iss":null)", no},
      {{"us", {}, {}}, "", no},
      {{{}, "chat", {}}, R"(,"aud":"chat")", "alice"},
      {{{}, "chat", {}}, R"(,"aud":["mail","chat"])", "alice"},
      {{{}, "chat", {}}, R"(,"aud":"chat2")", no},
      {{{}, "chat", {}}, R"(,"aud":["mail"])", no},
      {{{}, "chat", {}}, R"(,"aud":[["chat"]])", no},
      {{{}, "chat", {}}, R"(,"aud":[])", no},
      {{{}, "chat", {}}, R"(,"aud":{"chat":true})", no},
      {{{}, "chat", {}}, R"(,"aud":5)", no},
      {{{}, "chat", {}}, "", no},
      {{"us", "chat", {}}, R"(,"iss":"us","aud":"chat")", "alice"},
      {{"us", "chat", {}}, R"(,"iss":"chat","aud":"us")", no},
  };
  for (const auto& [rules, more, expected] : table) {
    CAPTURE(more);
    CHECK(fate(verifier_of({ec()}, rules), sign(ec(), es256, claims(more))) == expected);
  }
}

TEST_CASE("an administrator is who has the configured claim as true") {
  const auto is_admin = [](const string& claim, const string& more) {
    const string claims = R"({"sub":"alice","exp":1700000060)" + more + "}";
    const auto who = verifier_of({ec()}, {{}, {}, claim}).verify(sign(ec(), es256, claims), now);
    REQUIRE(who.ok());
    return who->admin;
  };
  CHECK_FALSE(is_admin("", R"(,"admin":true,"":true)"));
  CHECK_FALSE(is_admin("boss", R"(,"admin":true)"));
  CHECK(is_admin("boss", R"(,"boss":true)"));
  CHECK(is_admin("https://example.com/boss", R"(,"https://example.com/boss":true)"));
  for (const string no : {"false", "1", "\"true\"", "[true]", "null", "{}"})
    CHECK_FALSE(is_admin("boss", R"(,"boss":)" + no));
}

TEST_CASE("expiry is needed and begin is respected, whoever signs") {
  const auto by = verifier_of({ec()});
  const auto fate_of = [&by](const string& claims) { return fate(by, sign(ec(), es256, claims)); };
  CHECK(fate_of(R"({"sub":"alice"})") == "unauthenticated");
  CHECK(fate_of(R"({"sub":"alice","exp":1700000000})") == "token_expired");
  CHECK(fate_of(R"({"sub":"alice","exp":1700000000.5})") == "alice");
  CHECK(fate_of(R"({"sub":"alice","exp":1e300})") == "unauthenticated");
  CHECK(fate_of(R"({"sub":"alice","exp":1700000060,"nbf":1700000000.001})") == "unauthenticated");
  CHECK(fate_of(R"({"sub":"alice","exp":1700000060,"nbf":1699999999.9})") == "alice");
}

TEST_CASE("a key that tokens cannot be checked with says why") {
  CHECK(why_not(public_pem(rsa())) == "fine");
  CHECK(why_not("") == "there is no public key in it (PEM, BEGIN PUBLIC KEY)");
  CHECK(why_not("rubbish") == "there is no public key in it (PEM, BEGIN PUBLIC KEY)");
  CHECK(why_not(private_pem(ec())) == "this is a private key; the server wants the public one");
  CHECK(why_not(public_pem(ec()) + public_pem(rsa())) ==
        "there is more than one PEM block; give each key a file of its own");
  CHECK(why_not(public_pem(make_rsa(1024))) == "the RSA key has fewer than 2048 bits");
  CHECK(why_not(public_pem(make_ec("P-384"))) == "the key is on another curve than P-256");
  CHECK(why_not(public_pem(make_ec("secp256k1"))) == "the key is on another curve than P-256");
  const pair_ptr ed25519{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), &EVP_PKEY_free};
  CHECK(why_not(public_pem(ed25519)) == "the key is neither RSA nor EC");
}

TEST_CASE("a file that holds no key is named") {
  const test::temporary_directory place;
  const string path = place.path() / "key.pem";
  CHECK(read_public_key(path).error().message ==
        "cannot open " + path + ": No such file or directory");
  std::ofstream{path} << "rubbish";
  CHECK(read_public_key(path).error().message.starts_with("cannot use " + path + ": "));
  CHECK_FALSE(read_public_key(place.path()).ok());
  std::ofstream{path, std::ios::trunc} << public_pem(ec());
  CHECK(read_public_key(path)->algorithm() == "ES256");
}

} // namespace token_verifier_test
