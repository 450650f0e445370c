# H2: every command and every REST operation without good credentials, of each bad kind: all are refused, alike, and do nothing.
import collections
import json
import time

from authorisation_journey import ABOUT, every_command, filled
from client import Client, encode
from ground import tried
from openapi_document import Document
from openapi_door import in_query, quoted
from raw_socket import KIND, RawSocket, frame
from rest import Rest
from support import serving
from token_abuse import claims, made, part, signing_key

PROXIED = {"X_Forwarded_For": "192.0.2.1"}  # for /metrics, a request of another machine


def credentials(key):
    """(what, token or None, code of the refusal). None is revoked: sessions are ended (H4), and a token is good until its own end."""
    good = made(key, claims(sub="alice"))
    head, body, signature = good.split(".")
    yield "no token", None, "unauthenticated"
    yield "rubbish", "rubbish", "unauthenticated"
    yield "an expired token", made(key, claims(sub="alice", exp=int(time.time()) - 5)), "token_expired"
    yield "a token that is not valid yet", made(key, claims(sub="alice", nbf=int(time.time()) + 3600)), "unauthenticated"
    yield "another key", made(b"x" * 32, claims(sub="alice")), "unauthenticated"
    yield "another signature", f"{head}.{body}.{part(b'x' * 32)}", "unauthenticated"
    yield "another's claims", f"{head}.{part(claims(sub='bob'))}.{signature}", "unauthenticated"
    yield "alg none", f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims(sub='alice'))}.", "unauthenticated"
    yield "no expiry", made(key, claims(sub="alice", exp=None)), "unauthenticated"
    yield "an administrator's claim and another key", made(b"x" * 32, claims(sub="alice", admin=True)), "unauthenticated"


# --- Over a WebSocket -----------------------------------------------------------------------------


def commands(room):
    """Every command but `hello`, about a conversation where it is about one."""
    for name in every_command():
        if name != "hello":
            about = {"conversation": room, **filled(ABOUT[name])} if ABOUT.get(name) is not None else {}
            yield name, {"type": name, "ref": 2, **about}


async def asked(server, encoding, envelopes, bearer=None):
    """What comes back, and the close code."""
    raw = await RawSocket.open(server)
    raw.encoding = encoding
    lines = [f"GET /v1/ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Protocol: parley.v1.{encoding}\r\n"]
    lines += [f"Authorization: Bearer {bearer}\r\n"] if bearer else []
    await raw.send(("".join(lines) + "\r\n").encode())
    await raw.answer()
    await raw.send(frame(KIND[encoding], encode(encoding, envelopes)))
    code = await raw.closed()
    return [(each["type"], each.get("code")) for each in raw.heard], code


async def over_websocket(server, room, bad, findings):
    for number, (name, command) in enumerate(commands(room)):
        encoding = "json" if number % 2 else "msgpack"
        heard, code = await asked(server, encoding, [command])
        refused = heard in ([("error", "unauthenticated")], [("error", "bad_request")])
        findings.check(code == 4401 and refused, f"{name}, and no hello", heard, code)
        for what, token, wanted in bad:
            hello = {"type": "hello", "ref": 1, **({"token": token} if token else {})}
            heard, code = await asked(server, encoding, [hello, command])
            findings.check(code == 4401 and ("error", wanted) in heard and all(each[0] == "error" for each in heard), f"{name} behind a hello with {what}", heard, code)
            if token and number % 8 == 0:
                heard, code = await asked(server, encoding, [{"type": "hello", "ref": 1}, command], token)
                findings.check(code == 4401 and ("error", wanted) in heard and all(each[0] == "error" for each in heard), f"{name} with {what} in the upgrade", heard, code)


# --- Over REST ------------------------------------------------------------------------------------


def address(operation, room):
    """A path and a query in which everything is that must be there."""
    path = operation.path
    for each in operation.of("path"):
        path = path.replace("{" + each["name"] + "}", quoted(room if each["name"] == "conversation" else each["example"]))
    query = "&".join(f"{each['name']}={in_query(each['example'])}" for each in operation.of("query", True))
    return f"{path}?{query}" if query else path


async def over_rest(server, room, bad, findings):
    shapes = collections.defaultdict(set)
    document = Document.read()
    for operation in document.operations.values():
        if operation.takes_anyone and operation.id != "getMetrics":
            continue
        body = next(iter(operation.bodies.values()), None)
        body = json.dumps(body) if operation.is_json else body
        for what, token, wanted in bad:
            status, headers, data = await Rest(server, token).ask(operation.method, address(operation, room), body, **PROXIED)
            problem = json.loads(data) if data[:1] == b"{" else {}
            findings.check((status, problem.get("code")) == (401, wanted), f"{operation} with {what}", status, data[:200])
            findings.check("Bearer" in headers.get("WWW-Authenticate", ""), f"{operation} with {what} says what is needed", headers.items())
            shapes[what].add((tuple(sorted(problem)), problem.get("detail")))
    for what, found in shapes.items():
        findings.check(len(found) == 1, f"all are refused alike with {what}", found)
    return len(document.operations)


def run(size, server):
    async def main(findings):
        async with serving(release=True) as running:
            alice = await Client.open(running, await running.token("alice"))
            room = (await alice.ask("create", kind="group", members=["bob"]))["conversation"]
            await alice.send(room, "first", "nobody else's")
            before = (await alice.ask("get", conversation=room))["seq"]
            bad = [*credentials(signing_key(running.data))]
            await over_websocket(running, room, bad, findings)
            operations = await over_rest(running, room, bad, findings)
            after = (await alice.ask("get", conversation=room))["seq"]
            findings.check(after == before, "none of it had an effect", before, after)
            listed = await alice.ask("list")
            findings.check(len(listed["items"]) == 1, "nothing was made in her name", listed)
            await alice.close()
        findings.note(f"{len(every_command())} commands and {operations} operations, {len(bad)} kinds of bad credentials")

    return tried("refusals", main)
