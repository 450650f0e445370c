# What a server must answer to bad HTTP: bad upgrades, foreign origins, tokens in URLs, oversized headers.
from raw_socket import KEY, RawSocket, frame, request
from support import done, require

ALLOWED = "https://app.example.com"


def good_and_bad_upgrades(token):
    """(what, bytes, statuses that are right); 0 stands for a connection closed without an answer."""
    refused = {400, 403, 404, 405, 408, 413, 417, 426, 431, 501, 505, 0}
    yield "a good upgrade", request(), {101}
    yield "a header in another case", request(Upgrade="WebSocket", Connection="keep-alive, uPGRADE"), {101}
    yield "a known subprotocol among unknown ones", request(Sec_WebSocket_Protocol="x, parley.v1.json"), {101}
    yield "only unknown subprotocols", request(Sec_WebSocket_Protocol="chat, parley.v9.json"), {400}
    yield "another case of a subprotocol", request(Sec_WebSocket_Protocol="PARLEY.V1.JSON"), {400}
    for target in (f"/v1/ws?token={token}", f"/v1/ws?a=b&access_token={token}", f"/v1/ws?TOKEN={token}",
                   f"/v1/ws?t%6Fken={token}"):
        yield "a token in the URL", request(target), {400, 401, 403}
    yield "another path", request("/v2/ws"), {404}
    yield "a path that only begins well", request("/v1/wsx"), {404}
    yield "a path with dots", request("/v1/../v1/ws"), {400, 404}
    yield "POST", request(method="POST"), {400, 405}
    yield "an unknown method", request(method="BREW"), {400, 405, 501}
    yield "HTTP/1.0", request(version="HTTP/1.0"), {400, 426, 505}
    yield "HTTP/2.0", request(version="HTTP/2.0"), refused
    for version in ("8", "14", "13, 8", "abc", "", None):
        yield f"version {version}", request(Sec_WebSocket_Version=version), {400, 426}
    for key in (None, "", "short", KEY[:-2], KEY + "AA", "!" * 22 + "=="):
        yield f"key {key}", request(Sec_WebSocket_Key=key), {400}
    yield "two keys", request(Sec_WebSocket_Key=[KEY, KEY]), {400}
    yield "two hosts", request(Host=["a", "b"]), {400}
    yield "no host", request(Host=None), {400}
    yield "no Upgrade", request(Upgrade=None), {400, 426}
    yield "no Connection", request(Connection=None), {400, 426}
    yield "Upgrade to something else", request(Upgrade="h2c"), {400, 426}
    yield "length and chunks", request(Content_Length="5", Transfer_Encoding="chunked"), refused
    yield "chunks", request(Transfer_Encoding="chunked"), refused
    yield "two lengths", request(Content_Length=["0", "1"]), refused
    yield "a negative length", request(Content_Length="-1"), refused
    yield "a folded header", request(X_Folded="a\r\n b"), refused | {101}
    yield "a space before the colon", request()[:-2] + b"X-Space : a\r\n\r\n", refused
    yield "a header without a colon", request()[:-2] + b"nonsense\r\n\r\n", refused
    yield "a NUL in a header", request(X_Nul="a\0b"), refused
    yield "a bare line feed in a header", request(X_Feed="a\nOrigin: https://evil.example"), refused
    yield "many headers", request(**{f"X-{i}": "y" * 20 for i in range(2000)}), refused
    yield "a long header", request(X_Long="y" * 100_000), refused
    yield "a long target", request("/v1/ws?" + "y" * 100_000), refused | {414}
    yield "an endless first line", b"GET /" + b"y" * 100_000, refused | {414}
    yield "no HTTP at all", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 40 + b"\r\n\r\n", refused
    yield "frames behind the upgrade", request() + frame(2, b"\x81\xa4type\xa4ping"), refused


ORIGINS = [
    (None, True), (ALLOWED, True),
    ("https://evil.example.com", False), ("https://app.example.com.evil.com", False),
    ("https://sub.app.example.com", False), ("https://example.com", False), ("http://app.example.com", False),
    ("https://app.example.com:8443", False), ("https://app.example.com:443", False),
    ("https://app.example.com/", False), ("https://APP.example.com", False), ("HTTPS://app.example.com", False),
    ("https://user@app.example.com", False), ("https://app.example.com@evil.com", False),
    ("https://xn--pp-example-xyz.com", False), ("https://аpp.example.com", False),
    ("null", False), ("", False), ("*", False), ("file://", False), ("https://app.example.com https://evil.com", False),
    ("http://localhost", False), ("http://127.0.0.1", False), ("app.example.com", False),
]


async def status_of(server, data):
    raw = await RawSocket.open(server)
    await raw.send(data)
    if not data.endswith(b"\r\n\r\n"):
        raw.half_close()
    status, headers, body = await raw.answer()
    raw.end()
    require(b"eyJ" not in body, "an answer repeats no token", body)
    return status, headers


async def upgrades_are_checked(server, token):
    tried = 0
    for what, data, right in good_and_bad_upgrades(token):
        status, headers = await status_of(server, data)
        require(status in right, f"the answer to {what}", status, sorted(right))
        if status == 101:
            require(headers.get("sec-websocket-accept") == "BACScCJPNqyz+UBoqMH89VmURoA=", "the key's answer", headers)
        tried += 1
    done("upgrade requests, good and bad, get the right status", tried)


async def origins_are_checked(server):
    for origin, allowed in ORIGINS:
        data = request(Origin=None if origin is None else origin.encode().decode("latin-1"))
        status, _ = await status_of(server, data.decode().encode("latin-1"))
        require((status == 101) == allowed and status in (101, 403, 400), f"origin {origin!r}", status)
    raw = await status_of(server, request(Origin=[ALLOWED, "https://evil.example"]))
    require(raw[0] in (400, 403), "two origins", raw[0])
    done("origins: only the listed one, byte for byte, and none at all", len(ORIGINS) + 1)


async def health_is_told(server):
    for path in ("/livez", "/readyz"):
        status, _ = await status_of(server, request(path, Upgrade=None, Connection="close"))
        require(status == 200, path, status)
    raw = await RawSocket.open(server)
    await raw.send(request("/readyz", Upgrade=None, Connection="close"))
    _, _, body = await raw.answer()
    raw.end()
    require(b'"durability":"local-fsync"' in body.replace(b" ", b""), "readyz says how durable it is", body)
    raw = await RawSocket.open(server)
    await raw.send(request("/livez", Upgrade=None, Connection="keep-alive") + request())
    answers = [(await raw.answer())[0] for _ in range(2)]
    raw.end()
    require(answers == [200, 400], "an upgrade does not overtake the answer before it", answers)
    done("livez and readyz, also with an upgrade right behind", 3)
