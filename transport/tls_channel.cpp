// A BIO of our own between OpenSSL and the socket; OpenSSL thus never asks for a write to be
// retried.
#include "transport/tls_channel.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include <openssl/bio.h>
#include <openssl/err.h>

#include "transport/socket_calls.hpp"

namespace parley {

namespace {

/// Plain bytes of one record (RFC 8446, section 5.1).
constexpr std::size_t record_bytes = 16 * 1024;
/// Records made before they are written, in one system call: half of the largest message.
constexpr int records_at_once = 2;
/// Encrypted bytes that may wait: what is made at once, and room for the handshake. Who asks for
/// new keys again and again without reading the answers ends here.
constexpr std::size_t most_waiting = 64 * 1024;
static_assert(records_at_once * (record_bytes + 256) < most_waiting);
/// Encrypted bytes read in one turn, so that nobody's handshakes keep the others waiting.
constexpr std::size_t most_received = 64 * 1024;

// --- The BIO -------------------------------------------------------------------------------------

tls_channel& channel_of(BIO* bio) { return *static_cast<tls_channel*>(BIO_get_data(bio)); }

int write_bio(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  return channel_of(bio).put({bytes, static_cast<std::size_t>(size)}) ? size : -1;
}

int read_bio(BIO* bio, char* into, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t got = channel_of(bio).pull({into, static_cast<std::size_t>(size)});
  if (got > 0)
    return static_cast<int>(got);
  if (got == 0)
    BIO_set_retry_read(bio);
  return got == 0 ? -1 : 0;
}

long control_bio(BIO*, int what, long, void*) { return what == BIO_CTRL_FLUSH ? 1 : 0; }

const BIO_METHOD* make_method() {
  BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "parley link");
  BIO_meth_set_write(made, &write_bio);
  BIO_meth_set_read(made, &read_bio);
  BIO_meth_set_ctrl(made, &control_bio);
  return made;
}

BIO* open_bio(tls_channel& channel) {
  static const BIO_METHOD* const method = make_method(); // for as long as the process lives
  BIO* made = BIO_new(method);
  if (made == nullptr)
    return nullptr;
  BIO_set_data(made, &channel);
  BIO_set_init(made, 1);
  return made;
}

// --- Pieces --------------------------------------------------------------------------------------

/// The pieces as records: small ones are copied together.
class record_source {
public:
  explicit record_source(std::span<const iovec> pieces) : pieces_(pieces) {}

  /// The next record's text, valid until the next call; empty at the end.
  std::string_view next() {
    std::size_t size = 0;
    while (size < record_.size() && !pieces_.empty()) {
      const iovec& piece = pieces_.front();
      const std::size_t part = std::min(record_.size() - size, piece.iov_len - used_);
      std::memcpy(record_.data() + size, static_cast<const char*>(piece.iov_base) + used_, part);
      size += part;
      used_ += part;
      if (used_ == piece.iov_len) {
        pieces_ = pieces_.subspan(1);
        used_ = 0;
      }
    }
    return {record_.data(), size};
  }

private:
  std::span<const iovec> pieces_;
  std::size_t used_ = 0; ///< Of the first piece.
  std::array<char, record_bytes> record_;
};

} // namespace

tls_channel::tls_channel(const tls_context& under, int descriptor)
    : ssl_(under.open()), descriptor_(descriptor) {
  BIO* bio = ssl_ ? open_bio(*this) : nullptr;
  if (bio != nullptr)
    SSL_set_bio(ssl_.get(), bio, bio); // the connection owns it
  else
    broken_ = true;
}

// --- Receiving -----------------------------------------------------------------------------------

ssize_t tls_channel::pull(std::span<char> into) noexcept {
  const std::size_t most = std::min(into.size(), allowance_);
  const ssize_t got = most == 0 ? 0 : receive_now(descriptor_, into.first(most));
  if (got > 0)
    allowance_ -= static_cast<std::size_t>(got);
  return got;
}

ssize_t tls_channel::receive(std::span<char> into) noexcept {
  std::size_t got = 0;
  bool waits = false;
  allowance_ = most_received;
  while (!broken_ && !ended_ && !waits && got < into.size())
    waits = !decrypt(into, got);
  has_more_ = got > 0 && !waits; // decrypted already, or the end
  flush();                       // the handshake's answers, or the alert that says what is wrong
  if (got > 0)
    return static_cast<ssize_t>(got);
  return broken_ || ended_ ? -1 : 0;
}

/// Adds to the `got` bytes that are there; false when nothing more has come.
bool tls_channel::decrypt(std::span<char> into, std::size_t& got) noexcept {
  std::size_t part = 0;
  ERR_clear_error(); // the queue is the thread's, and others may have left something in it
  const int read = SSL_read_ex(ssl_.get(), into.data() + got, into.size() - got, &part);
  got += part;
  switch (SSL_get_error(ssl_.get(), read)) {
  case SSL_ERROR_NONE:
    return true;
  case SSL_ERROR_WANT_READ:
    return false;
  case SSL_ERROR_ZERO_RETURN: // it may still wait for an answer
    ended_ = true;
    return true;
  default:
    broken_ = true;
    return true;
  }
}

// --- Sending -------------------------------------------------------------------------------------

bool tls_channel::put(std::string_view bytes) noexcept {
  if (waiting_.size() + bytes.size() > most_waiting)
    return false;
  waiting_ += bytes;
  return true;
}

bool tls_channel::is_established() const noexcept {
  return !broken_ && SSL_is_init_finished(ssl_.get()) == 1;
}

bool tls_channel::encrypt(std::string_view text) {
  std::size_t took = 0;
  ERR_clear_error();
  broken_ = SSL_write_ex(ssl_.get(), text.data(), text.size(), &took) != 1 || took != text.size();
  return !broken_;
}

ssize_t tls_channel::send(std::span<const iovec> pieces) {
  if (!is_established())
    return -1; // nobody has asked anything yet
  record_source records{pieces};
  std::size_t took = 0;
  bool more = true;
  while (more && flush()) {
    for (int made = 0; more && made < records_at_once; ++made) {
      const std::string_view text = records.next();
      more = !text.empty() && encrypt(text);
      took += more ? text.size() : 0;
    }
  }
  if (!more)
    flush();
  return broken_ ? -1 : static_cast<ssize_t>(took);
}

bool tls_channel::flush() noexcept {
  while (!waiting_.empty()) {
    const iovec piece{waiting_.data(), waiting_.size()};
    const ssize_t took = send_now(descriptor_, {&piece, 1});
    if (took == 0)
      return false;
    if (took < 0) {
      broken_ = true;
      break;
    }
    waiting_.erase(0, static_cast<std::size_t>(took));
  }
  std::string{}.swap(waiting_); // an idle connection keeps no buffer
  return !broken_;
}

// --- The end -------------------------------------------------------------------------------------

void tls_channel::finish() noexcept {
  if (!is_established() || (SSL_get_shutdown(ssl_.get()) & SSL_SENT_SHUTDOWN) != 0)
    return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  flush();
}

} // namespace parley
