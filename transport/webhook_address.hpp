// Which addresses webhooks may be sent to: what is on the open net.
#pragma once

#include <boost/asio/ip/address.hpp>

namespace parley {

/// Whether an address is one of the open net (the special-purpose registries of RFC 6890, and
/// multicast): not of this machine, a private network, a link, or of those that name another
/// address that is.
bool is_public(const boost::asio::ip::address& address);

} // namespace parley
