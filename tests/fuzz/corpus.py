#!/usr/bin/python3
# Makes the corpus anew: examples of the documents and rows of a store, of which only what adds something is kept.
import argparse
import base64
import hashlib
import hmac
import json
import pathlib
import subprocess
import sys
import tempfile

import msgpack

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "journeys"), str(HERE.parent / "proof")]

from asyncapi_document import Protocol  # noqa: E402: only now are they found
from fuzz import CORPUS, LONGEST  # noqa: E402
from openapi_document import Document  # noqa: E402
from stored import BATCH_HEAD, SUM, Reader  # noqa: E402

MOST_FOUND = 32  # inputs that nobody wrote, of each decoder: the shortest

# As row.cpp has them; it looks at receipts once more behind them.
TABLES = ["events", "dedupe", "members", "memberships", "conversations", "receipts", "journal", "tallies", "users", "messages",
          "preferences", "notices", "tunings", "profiles", "reactions", "hidden", "restrictions", "pins", "replies", "thread_reads",
          "pair_blocks", "blocked", "invitations", "invited", "holds", "files", "unsent_files", "cold", "corrections", "erasures", "exports", "meta"]
STORY = [
    ("create", "alice", dict(conversation="old", kind="group", title="Old", members=["bob", "carol", "dave"])),
    ("send", "alice", dict(conversation="old", client_id="1", body="hello @bob", mentions=["bob"])),
    ("send", "bob", dict(conversation="old", client_id="2", body="hi", reply_to=2, meta={"z": 1, "a": [2, 0.5, None]})),
    ("send", "carol", dict(conversation="old", client_id="3", body="in a thread", thread=2)),
    ("send", "dave", dict(conversation="old", client_id="4", body="to all", mentions=["@all"], expires_in=86_400)),
    ("edit", "bob", dict(conversation="old", message=3, body="hi there")),
    ("react", "carol", dict(conversation="old", message=2, emoji="👍")),
    ("react", "carol", dict(conversation="old", message=2, emoji="👍", remove=True)),
    ("react", "dave", dict(conversation="old", message=2, emoji="🎉")),
    ("pin", "alice", dict(conversation="old", message=2)),
    ("delete", "dave", {"conversation": "old", "message": 5, "for": "everyone"}),
    ("delete", "carol", {"conversation": "old", "message": 2, "for": "me"}),
    ("set", "bob", dict(conversation="old", pinned=True, muted_until=99, quiet=["mon-fri 22:00-07:00"])),
    ("role", "alice", dict(conversation="old", user="bob", role="admin")),
    ("update", "alice", dict(conversation="old", title="Older", slow_mode=0, permissions={"pin": "admin"}, retention={"days": 30, "messages": 500})),
    ("silence", "alice", dict(conversation="old", user="dave", until=9_000_000_000_000)),
    ("ban", "alice", dict(conversation="old", user="mallory")),
    ("invite", "alice", dict(conversation="old", users=["erin"], role="member")),
    ("remove", "alice", dict(conversation="old", user="carol")),
    ("delivered", "bob", dict(conversation="old", seq=4)),
    ("read", "bob", dict(conversation="old", seq=3)),
    ("read_thread", "bob", dict(conversation="old", message=2, seq=4)),
    ("create", "bob", {"conversation": "pair", "kind": "direct", "with": "alice"}),
    ("send", "bob", dict(conversation="pair", client_id="5", body="psst")),
    ("block", "alice", dict(user="bob")),
    ("set_profile", "bob", dict(name="Bob", avatar="https://example.com/b.png", text="away")),
    ("create", "alice", dict(conversation="gone", kind="channel", title="Gone")),
    ("delete", "alice", dict(conversation="gone")),
]


def lines_of_import():
    return [json.dumps({"type": type, "by": by, "at": 1000 * (i + 1), **fields}, ensure_ascii=False).encode()
            for i, (type, by, fields) in enumerate(STORY)]


def with_numbers(value, number):
    """The same with another number wherever there is one."""
    if isinstance(value, dict):
        return {key: with_numbers(each, number) for key, each in value.items()}
    if isinstance(value, list):
        return [with_numbers(each, number) for each in value]
    return number if type(value) is int else value


# --- What comes over the network ------------------------------------------------------------------


def frames(payload, head=0x81):
    """A masked frame (RFC 6455, section 5.2)."""
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else bytes([0x80 | 126]) + size.to_bytes(2, "big")
    mask = b"\x11\x22\x33\x44"
    return bytes([head]) + length + mask + bytes(each ^ mask[i % 4] for i, each in enumerate(payload))


def websocket_inputs(commands):
    hello = json.dumps(commands[0]).encode()
    for cut in (b"\x00", b"\x01\x00", b"\x82\x02\x05", b"\xc3\x00\x10\x02", b"\x41\x40"):
        yield cut + frames(hello) + frames(b"p", 0x89) + frames(b"\x03\xe8", 0x88)
        yield cut + frames(hello[:9], 0x01) + frames(b"", 0x89) + frames(hello[9:], 0x80) + frames(b"\x80", 0x82)
    yield b"\x01\x02" + frames(b"x" * 300, 0x82) + frames(b"late", 0x80)
    for head in (0x83, 0xC1, 0x09, 0x88):
        yield b"\x00" + frames(b"\xff\xff", head)


def request(method, path, headers, body=b""):
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def rest_inputs():
    for operation in Document.read().operations.values():
        path = operation.path
        for each in operation.of("path"):
            path = path.replace("{%s}" % each["name"], str(each["example"]))
        query = "&".join(f"{each['name']}={each['example']}" for each in operation.of("query") if "example" in each)
        headers = ["Authorization: Bearer t"] + [f"{each['name']}: {each['example']}" for each in operation.of("header") if "example" in each]
        bodies = [json.dumps(each).encode() for each in operation.bodies.values()] if operation.is_json else [b""]
        for body in bodies:
            head = headers + ([f"Content-Type: application/json", f"Content-Length: {len(body)}"] if body else [])
            yield request(operation.method, path + (f"?{query}" if query else ""), head, body)
    body = b'6\r\n{"body\r\n8;x=y\r\n":"hi"} \r\n0\r\n\r\n'
    yield request("POST", "/v1/conversations/c/messages", ["Authorization: Bearer t", "Content-Type: application/json", "Transfer-Encoding: chunked",
                                                           "Idempotency-Key: k", "Expect: 100-continue"], body)
    upgrade = ["Upgrade: websocket", "Connection: keep-alive, Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
               "Sec-WebSocket-Protocol: parley.v1.msgpack, parley.v1.json", "Origin: https://chat.example.com"]
    yield request("GET", "/v1/ws", upgrade)
    yield request("OPTIONS", "/v1/conversations", ["Origin: https://chat.example.com", "Access-Control-Request-Method: POST"])
    yield request("POST", "/v1/files?name=a%20b.png", ["Authorization: Bearer t", "Content-Type: image/png", "Content-Length: 3"], b"abc")
    yield request("GET", "/v1/files/f?user=alice&until=9&signature=c2ln", ["Range: bytes=0-9", 'If-None-Match: "a", W/"b"', "Accept-Encoding: gzip;q=0, br"])
    for path in ("/livez", "/readyz", "/metrics", "/openapi.json", "/"):
        yield request("GET", path, ["Connection: close"])


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def token_inputs():
    claims = [{"sub": "alice", "exp": 1_800_000_000}, {"sub": "bob", "exp": 1_800_000_000.5, "nbf": 1, "name": "Bob", "admin": True},
              {"sub": "carol", "exp": 9e15, "iss": "issuer", "aud": ["audience", "b"]}, {"sub": "dave", "exp": 1, "aud": "audience"}]
    for each in claims:
        text = json.dumps(each).encode()
        yield text
        signed = base64url(b'{"alg":"HS256","typ":"JWT"}') + b"." + base64url(text)
        yield signed + b"." + base64url(hmac.digest(b"k" * 32, signed, hashlib.sha256))
    yield base64url(b'{"alg":"ES256"}') + b"." + base64url(text) + b"." + base64url(bytes(64))
    for arguments in (["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], ["-algorithm", "RSA"]):
        key = subprocess.run(["openssl", "genpkey", *arguments], check=True, capture_output=True).stdout
        yield subprocess.run(["openssl", "pkey", "-pubout"], input=key, check=True, capture_output=True).stdout


# --- What is stored -------------------------------------------------------------------------------


def store_of_the_story(server, place):
    """[(table, key, payload)] and [payload of a batch], of a store into which the story was imported."""
    (place / "story").write_bytes(b"\n".join(lines_of_import()) + b"\n")
    done = subprocess.run([str(server), "import", "--data", str(place / "data"), "--read", "--json", "--from", str(place / "story")], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stdout + done.stderr)
    reader = Reader()
    rows = [(table, key, value[SUM:]) for table in TABLES for key, value in reader.rows(place / "data/model", table)]
    return rows, [value[BATCH_HEAD:] for _, value in reader.rows(place / "data/log")]


def row_inputs(rows):
    for table, key, payload in rows:
        yield bytes([TABLES.index(table), len(key)]) + key + payload
        if table == "receipts":
            yield bytes([len(TABLES), len(key)]) + key + payload
    others = {"notices": [3, 9, 1, 0, 5, 2, 1], "users": [5], "hidden": [5], "holds": ["root", 5], "unsent_files": [5], "corrections": [-2],
              "exports": [msgpack.packb({"export": "e", "by": "root", "user": "bob", "position": 5, "more": [1]})]}
    for table, fields in others.items():
        yield bytes([TABLES.index(table), 3]) + b"\x01ab" + msgpack.packb(fields)


def segment_inputs(rows):
    events = [payload for table, key, payload in rows if table == "events"]
    for count in (1, 3, len(events)):
        yield bytes([count, 0, 1]) + b"".join(events[:count])
    yield bytes([1, 1, 1, 4]) + b"\x28\xb5\x2f\xfd\x04\x00"


# --- All of it ------------------------------------------------------------------------------------

CONFIG = """# what a server may be told
data = "/var/lib/parley"
listen = "127.0.0.1:0"
origin = ["https://a.example", "https://b.example"]
max-sessions = 1000
io-threads = 2
rate-limit = users
notify-after = 2m
cold-after = "30d"
file-types = ["image/*", "application/pdf"]
retain-days = 30
jwt-key = ["a.pem"]
jwt-audience = "parley"
log-format = json
dev = true
"""
HOOKS = [{"id": "a", "url": "https://a.example:8443/h?x=1", "secrets": ["whsec_" + base64.b64encode(b"s" * 24).decode()],
          "events": ["message.*", "joined"], "conversations": ["group", "direct"]}]
ANSWERS = [{"verdict": "allow"}, {"verdict": "reject", "reason": "no"}, {"verdict": "rewrite", "body": "e\u0301", "meta": {"a": [1, {"b": 0.5}]}}]
PLAIN = ["", "http://[::1]:80/", "https://a.example:8443?x", "http://a:0/", "https://u@a/", "ftp://a/", "https://a#b", "[{}]", "[1]",
         '[{"id":"a b"}]', '[{"id":"a","url":7}]', '[{"more":1}]', '{"verdict":"rewrite","body":"\\u0000"}', '{"verdict":"rewrite","body":"b","meta":{"__proto__":1}}', "https://a.example", "whsec_" + base64.b64encode(b"s" * 24).decode(), "120", "Wed, 21 Oct 2026 07:28:00 GMT"]
QUERIES = ["hello\nhello there", '"a phrase" pre* -not\nA phrase, prefix', "from:alice in:room before:2026-11-29 after:2026-11-29T10:15:00Z\nx",
           "has:link is:unread is:pinned\nhttps://example.com", "Straße 日本\nSTRASSE 日本語 ยินดี 👩\u200d🚀", "daily 22:00-07:00", "sat,sun 00:00-24:00"]


def seeds(server, place):
    """{decoder: inputs}"""
    protocol = Protocol.read()
    commands = [example for each in protocol.commands for example in each.examples]
    commands += [{**with_numbers(each, number), "ref": 1} for each in commands for number in [1 << 53] if with_numbers(each, 0) != with_numbers(each, 1)]
    told = [example for each in protocol.messages.values() if each.way != "command" for example in each.examples]
    rows, batches = store_of_the_story(server, place)
    events = [msgpack.unpackb(payload)[3] for table, _, payload in rows if table == "events"]
    return {
        "cold_segment": segment_inputs(rows),
        "config": [CONFIG.encode(), *(line.encode() for line in CONFIG.splitlines())],
        "control": [b"compact\n", b'{"a":1}\nsecond\n\nrest'],
        "cursor": [b"", base64url(b"\x01" + bytes(24)), base64url(bytes(40))],
        "envelope_json": [json.dumps(each, ensure_ascii=False).encode() for each in commands] + [b"\n".join(json.dumps(each).encode() for each in commands[:3])],
        "envelope_msgpack": [msgpack.packb(each) for each in commands] + [b"".join(map(msgpack.packb, commands[:3]))],
        "event": [msgpack.packb(each) for each in told] + events,
        "import": [*lines_of_import(), b"\n".join(lines_of_import())],
        "record": batches,
        "rest": rest_inputs(),
        "row": row_inputs(rows),
        "token": token_inputs(),
        "webhook": [json.dumps(each).encode() for each in (HOOKS, *ANSWERS)] + [each.encode() for each in PLAIN] + [HOOKS[0]["url"].encode()],
        "websocket": websocket_inputs(commands),
        "words": [each.encode() for each in QUERIES],
    }


def merge(program, decoder, into, source):
    """Adds the fewest inputs of the source that reach what those that are there do not."""
    subprocess.run([str(program), f"--decoder={decoder}", "-set_cover_merge=1", "-use_counters=0", f"-max_len={LONGEST}", str(into), str(source)],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def keep(decoder, inputs):
    """These are the corpus now; how many, and their bytes."""
    into = CORPUS / decoder
    into.mkdir(parents=True, exist_ok=True)
    for each in into.iterdir():
        each.unlink()
    for each in inputs:
        (into / each.name).write_bytes(each.read_bytes())
    return len(inputs), sum(each.stat().st_size for each in inputs)


def main():
    options = argparse.ArgumentParser(description="Makes the corpus anew.")
    options.add_argument("program", type=pathlib.Path, help="build/asan/parley_fuzz")
    options.add_argument("server", type=pathlib.Path, help="build/release/parleyd")
    options.add_argument("--found", type=pathlib.Path, help="a directory with more inputs, in a directory for each decoder")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place)
        for decoder, inputs in seeds(given.server, place).items():
            source, into = place / "seeds" / decoder, place / "kept" / decoder
            for each in (source, into):
                each.mkdir(parents=True)
            for each in inputs:
                (source / hashlib.sha1(each).hexdigest()).write_bytes(each[:LONGEST])
            merge(given.program, decoder, into, source)
            said = set(into.iterdir())
            if given.found and (given.found / decoder).is_dir():
                merge(given.program, decoder, into, given.found / decoder)
            found = sorted(set(into.iterdir()) - said, key=lambda each: (each.stat().st_size, each.name))
            print(decoder, "{} inputs, {} bytes".format(*keep(decoder, [*said, *found[:MOST_FOUND]])))


if __name__ == "__main__":
    main()
