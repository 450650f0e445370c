# Tokens that must not work, made by hand, and tokens that end while a connection lives.
import base64
import hashlib
import hmac
import json
import time

from client import Client, Refused
from support import done, note, require

EXPIRY_SLACK = 2.0  # seconds a connection may outlive its token: one promised, one for a busy machine


def part(data):
    text = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def made(key, claims, header=None, hash=hashlib.sha256):
    """A token with any header and claims, signed with the key."""
    signed = f"{part(header or {'alg': 'HS256', 'typ': 'JWT'})}.{part(claims)}"
    return f"{signed}.{part(hmac.new(key, signed.encode(), hash).digest())}"


def claims(**changed):
    now = int(time.time())
    all_claims = {"sub": "mallory", "exp": now + 3600, "iat": now} | changed
    return {name: value for name, value in all_claims.items() if value is not None}


def good_tokens(key):
    yield "as the server makes them", made(key, claims())
    yield "valid since now", made(key, claims(nbf=int(time.time()) - 1))
    yield "unknown claims", made(key, claims(colour="red", nested={"a": [1]}))


def bad_tokens(key):
    """(what is wrong, token, code of the error)"""
    no, late = "unauthenticated", "token_expired"
    good = made(key, claims())
    head, body, signature = good.split(".")
    yield "nothing", "", no
    yield "rubbish", "rubbish", no
    yield "dots", "..", no
    yield "too long", "a." * 4000, no
    yield "no signature", f"{head}.{body}.", no
    yield "two parts", f"{head}.{body}", no
    yield "four parts", f"{good}.{signature}", no
    yield "another signature", f"{head}.{body}.{part(b'x' * 32)}", no
    yield "cut signature", good[:-3], no
    yield "another key", made(b"k" * 32, claims()), no
    yield "an empty key", made(b"", claims()), no
    yield "other claims", f"{head}.{part(claims(sub='alice'))}.{signature}", no
    for alg in ("none", "None", "NONE", "nOnE", "", "HS384", "HS512", "RS256", "ES256", None, 5):
        header = {"typ": "JWT", "alg": alg}
        yield f"alg {alg}, signed", made(key, claims(), header), no
        yield f"alg {alg}, unsigned", f"{part(header)}.{part(claims())}.", no
    yield "really HS512", made(key, claims(), {"alg": "HS512", "typ": "JWT"}, hashlib.sha512), no
    yield "no alg", made(key, claims(), {"typ": "JWT"}), no
    yield "expired", made(key, claims(exp=int(time.time()) - 1)), late
    yield "expired long ago", made(key, claims(exp=1)), late
    yield "expired before the epoch", made(key, claims(exp=-5)), late
    yield "no expiry", made(key, claims(exp=None)), no
    yield "expiry as text", made(key, claims(exp=str(int(time.time()) + 3600))), no
    yield "expiry as a list", made(key, claims(exp=[int(time.time()) + 3600])), no
    yield "not valid yet", made(key, claims(nbf=int(time.time()) + 3600)), no
    yield "not valid before a text", made(key, claims(nbf=str(int(time.time()) + 3600))), no
    yield "not valid before a list", made(key, claims(nbf=[])), no
    yield "no user", made(key, claims(sub=None)), no
    yield "an empty user", made(key, claims(sub="")), no
    yield "a user that is a number", made(key, claims(sub=5)), no
    yield "a user of 129 bytes", made(key, claims(sub="u" * 129)), no
    yield "claims that are a list", made(key, [1, 2]), no
    yield "claims that are no JSON", f"{(signed := head + '.' + part(b'{oops'))}." + part(
        hmac.new(key, signed.encode(), hashlib.sha256).digest()), no


def signing_key(data):
    """The key the server made for itself: a file only its owner may read."""
    found = [path for path in data.iterdir() if "key" in path.name]
    require(len(found) == 1, "one key file in the data directory", [p.name for p in data.iterdir()])
    require(found[0].stat().st_mode & 0o777 == 0o600, "only its owner may read the key", oct(found[0].stat().st_mode))
    return found[0].read_bytes().rstrip(b"\r\n")


async def refused(server, token, encoding, in_header):
    """How a hello with this token ends: the error's code and the close code."""
    headers = {"Authorization": f"Bearer {token}"} if in_header else {}
    client = await Client.connect(server, encoding, headers=headers)
    try:
        await client.hello(None if in_header else token)
        return "welcome", None
    except Refused as refusal:
        return refusal.code, await client.gone()


async def tokens_are_checked(server):
    key = signing_key(server.data)
    tried = 0
    for what, token in good_tokens(key):
        client = await Client.open(server, token)
        require(client.welcome["user"] == "mallory", what)
        await client.close()
        tried += 1
    for index, (what, token, code) in enumerate(bad_tokens(key)):
        ended = await refused(server, token, "json" if index % 2 else "msgpack", False)
        require(ended == (code, 4401), f"a token that is bad: {what}", ended)
        if token and "\0" not in token and len(token) < 4000:
            ended = await refused(server, token, "msgpack", True)
            require(ended == (code, 4401), f"a bad bearer: {what}", ended)
        tried += 2
    doubled = await Client.connect(server, headers={"Authorization": f"Bearer {await server.token('alice')}"})
    try:
        await doubled.hello(await server.token("bob"))
        require(False, "a bearer and a token at once are refused")
    except Refused as refusal:
        require(refusal.code == "bad_request", "a bearer and a token at once", refusal.code)
    require(await doubled.gone() == 4401, "a refused hello ends with 4401", doubled.socket.close_code)
    done("good tokens work; bad ones get an error and 4401, in hello and as bearer", tried + 1)


async def tokens_expire(server, encoding="msgpack"):
    """A connection ends with its token; a refreshed one lives on."""
    short = await server.token("expiring", ttl="3s")
    expiry = json.loads(base64.urlsafe_b64decode(short.split(".")[1] + "=="))["exp"]
    left_alone = await Client.open(server, short, encoding)
    kept_alive = await Client.open(server, short, encoding)
    longer = await server.token("expiring", ttl="1h")
    answer = await kept_alive.ask("refresh", token=longer)
    require(answer["type"] == "ok", "refresh is answered", answer)
    code = await left_alone.gone()
    late_by = time.time() - expiry
    require(code == 4401, "an expired token ends the connection with 4401", code)
    require(left_alone.seen[-1]["type"] == "bye", "and the server says bye first", left_alone.seen[-1])
    require(-0.1 < late_by < EXPIRY_SLACK, "about a second after it expired", late_by)
    late = await refused(server, short, encoding, False)
    require(late == ("token_expired", 4401), "an expired token says so", late)
    require((await kept_alive.ask("ping"))["type"] == "pong" and kept_alive.connected, "a refreshed one lives on")
    await kept_alive.close()
    note(f"the connection ended {late_by * 1000:.0f} ms after its token")
    done("expiry in session: 4401; refresh keeps the connection", 2)
