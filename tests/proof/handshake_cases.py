# Cases of the opening handshake (RFC 6455, section 4): what is asked, and what the answer must say.
import base64
import dataclasses
import hashlib

from conformance import send_in_pieces
from raw_socket import KEY, RawSocket, request

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
OTHER_KEYS = [base64.b64encode(bytes([fill]) * 16).decode() for fill in (0, 0x7F, 0xFF)]
MSGPACK, JSON = "parley.v1.msgpack", "parley.v1.json"


@dataclasses.dataclass(frozen=True)
class Handshake:
    """A request and its answer: one of some statuses and, with 101, what it says of the key and the subprotocol."""

    name: str
    data: bytes
    status: frozenset
    key: str = KEY
    protocol: str = None


def good(name, key=KEY, protocol=None, **headers):
    return Handshake(name, request(Sec_WebSocket_Key=key, **headers), frozenset({101}), key, protocol)


def bad(name, status, **headers):
    return Handshake(name, request(**headers), frozenset(status))


def handshakes():
    """All of them."""
    yield good("nothing but what must be there")
    for key in OTHER_KEYS:
        yield good(f"key {key}", key)
    for offered, chosen in ((MSGPACK, MSGPACK), (JSON, JSON), (f"{JSON}, {MSGPACK}", JSON), (f"{MSGPACK},{JSON}", MSGPACK),
                            (f"chat , {JSON}", JSON), (f"chat, superchat, {MSGPACK}", MSGPACK), ([JSON, MSGPACK], JSON)):
        yield good(f"offers {offered}", protocol=chosen, Sec_WebSocket_Protocol=offered)
    for extension in ("permessage-deflate", "permessage-deflate; client_max_window_bits=15", "x-webkit-deflate-frame", "foo, bar; baz=1"):
        yield good(f"offers {extension}", Sec_WebSocket_Extensions=extension)
    yield good("other cases of words", Connection="UPGRADE", Upgrade="WebSocket")
    yield good("a list of connection options", Connection="keep-alive, Upgrade, foo")
    yield good("headers that nobody asked for", Cookie="a=b", User_Agent="x", DNT="1", Pragma="no-cache")
    yield bad("only unknown subprotocols", {400}, Sec_WebSocket_Protocol="chat, superchat")
    for version in ("0", "7", "8", "12", "14", "255", "013", "13.0", "", None):
        yield bad(f"version {version}", {400, 426}, Sec_WebSocket_Version=version)
    for key in (None, "", "x", KEY[:-1], KEY + "=", KEY[1:] + "A", "*" * 22 + "==", base64.b64encode(b"x" * 15).decode(), base64.b64encode(b"x" * 17).decode()):
        yield bad(f"key {key}", {400}, Sec_WebSocket_Key=key)
    for upgrade in (None, "", "h2c", "web socket", "websockets"):
        yield bad(f"Upgrade: {upgrade}", {400, 426}, Upgrade=upgrade)
    for connection in (None, "", "close", "keep-alive", "upgrades"):
        yield bad(f"Connection: {connection}", {400, 426}, Connection=connection)


def accepted(key):
    return base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()


def judge(case, status, headers):
    """What is wrong with an answer."""
    if status not in case.status:
        return [f"status {status} instead of one of {sorted(case.status)}"]
    if status != 101:
        return []
    wanted = {"sec-websocket-accept": accepted(case.key), "sec-websocket-protocol": case.protocol, "sec-websocket-extensions": None}
    faults = [f"{name}: {headers.get(name)} instead of {value}" for name, value in wanted.items() if headers.get(name) != value]
    for name, value in (("upgrade", "websocket"), ("connection", "upgrade")):
        if headers.get(name, "").lower() != value:
            faults.append(f"{name}: {headers.get(name)}")
    return faults


async def shaken(server, case, size):
    """The faults of one handshake, the request sent in pieces of `size`."""
    raw = await RawSocket.open(server)
    try:
        await send_in_pieces(raw, case.data, size)
        status, headers, _ = await raw.answer()
    except Exception as fault:  # no answer, or one that is none
        return [str(fault)]
    finally:
        raw.end()
    return judge(case, status, headers)
