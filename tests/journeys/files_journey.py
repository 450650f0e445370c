# Files over real sockets: uploaded, sent, downloaded by who may, gone with their message; kills, a backup, a full stop.
import asyncio
import hashlib
import http.client
import json
import os
import pathlib
import socket
import urllib.parse

from client import Client
from shapes import all_shaped
from support import Server, data_directory, done, eventually, require, run, run_program

LIMIT = 3 << 20
OPTIONS = ("--file-bytes", str(LIMIT), "--file-types", "text/plain,image/*,application/octet-stream")
BIG = os.urandom(2 << 20)


class Files:
    """What one user asks for over HTTP."""

    def __init__(self, server, token):
        self.server = server
        self.token = token
        self.connection = None

    def _ask(self, method, path, body=None, headers=None, token=True):
        """Status, headers and body; one connection for as long as the server keeps it."""
        self.connection = self.connection or http.client.HTTPConnection(*self.server.address, timeout=20)
        named = {**({"Authorization": f"Bearer {self.token}"} if token else {}), **(headers or {})}
        try:
            self.connection.request(method, path, body=body, headers=named)
            answer = self.connection.getresponse()
            got = answer.status, answer.headers, answer.read()
        except OSError:
            self.connection = None
            raise
        if answer.will_close:
            self.connection.close()
            self.connection = None
        return got

    async def ask(self, *what, **how):
        return await asyncio.to_thread(self._ask, *what, **how)

    async def upload(self, data, name=None, type="text/plain", code=201, **headers):
        path = "/v1/files" + (f"?name={urllib.parse.quote(name)}" if name else "")
        status, _, body = await self.ask("POST", path, data, {"Content-Type": type, **headers})
        require(status == code, "an upload", status, body)
        return json.loads(body)

    async def download(self, file, code=200, **how):
        status, headers, body = await self.ask("GET", how.pop("path", f"/v1/files/{file}"), **how)
        require(status == code, "a download", file, status, body[:200])
        return headers, body


def blob(server, file):
    return server.data / "files" / file[:2] / file


def incoming(server):
    return os.listdir(server.data / "files" / "incoming")


async def sent_and_read(alice, bob, eve, http, room):
    """Members read what is in a message; strangers learn nothing."""
    made = await http["alice"].upload(BIG, "caf\u00e9 1.bin", "application/octet-stream")
    require(made["size"] == len(BIG) and made["sha256"] == hashlib.sha256(BIG).hexdigest(), "what it is", made)
    require(made["name"] == "caf\u00e9 1.bin" and made["type"] == "application/octet-stream", "how it is called", made)
    file = made["file"]
    await http["alice"].download(file)
    for other in ("bob", "eve"):
        await http[other].download(file, 404)
    require(await bob.refusal("send", conversation=room, client_id="b", body="", files=[file]) == "not_found", "not his")
    sent = await alice.ask("send", conversation=room, client_id="a1", body="", files=[file])
    event = await bob.expect("message", conversation=room, seq=sent["seq"])
    require(event["files"] == [made] and event["body"] == "", "the message has it", event)
    headers, body = await http["bob"].download(file)
    require(body == BIG, "every byte")
    require(headers["Content-Disposition"] == "attachment; filename*=UTF-8''caf%C3%A9%201.bin", "its name", headers.items())
    require(headers["X-Content-Type-Options"] == "nosniff" and "sandbox" in headers["Content-Security-Policy"], "no browser runs it")
    _, same = await http["eve"].download(file, 404)
    _, none = await http["eve"].download("0" * 32, 404)
    require(same == none, "and the answer tells nothing", same, none)
    require(await eve.refusal("file", file=file) == "not_found", "nor does the socket")
    for path in (f"/v1/files/{file}x", "/v1/files/..%2fsecret", "/v1/files/"):
        await http["bob"].download(file, 404, path=path)
    return file


async def parts(http, file):
    """Ranges, what is known already, and heads."""
    headers, body = await http["bob"].download(file, 206, headers={"Range": "bytes=100-199"})
    require(body == BIG[100:200] and headers["Content-Range"] == f"bytes 100-199/{len(BIG)}", "a range", headers.items())
    _, body = await http["bob"].download(file, 206, headers={"Range": "bytes=-7"})
    require(body == BIG[-7:], "the end of it")
    headers, _ = await http["bob"].download(file, 416, headers={"Range": f"bytes={len(BIG)}-"})
    require(headers["Content-Range"] == f"bytes */{len(BIG)}", "what is not there", headers.items())
    tag = f'"{hashlib.sha256(BIG).hexdigest()}"'
    headers, body = await http["bob"].download(file, 304, headers={"If-None-Match": tag})
    require(body == b"" and headers["ETag"] == tag, "nothing new", headers.items())
    _, body = await http["bob"].download(file, 200, headers={"Range": "bytes=0-1", "If-Range": '"old"'})
    require(body == BIG, "all of what has changed")
    status, headers, body = await http["bob"].ask("HEAD", f"/v1/files/{file}")
    require((status, headers["Content-Length"], body) == (200, str(len(BIG)), b""), "a head", status, headers.items())
    await http["eve"].ask("HEAD", f"/v1/files/{file}")


async def signed(alice, bob, http, server, room, file):
    """An address that needs no token, for as long as its user may read the file."""
    told = await bob.ask("file", file=file)
    require(told["expires_at"] > 0 and told["url"].startswith("/v1/files/"), "an address", told)
    nobody = Files(server, "")
    _, body = await nobody.download(file, path=told["url"], token=False)
    require(body == BIG, "without a token")
    until = str(told["expires_at"])
    for wrong in (told["url"].replace(until, str(int(until) + 1)), told["url"].replace(until, str(int(until) - 600000)),
                  told["url"].replace("user=bob", "user=eve"), told["url"].replace(file, "0" * 32), told["url"][:-1]):
        await nobody.download(file, 401, path=wrong, token=False)
    await alice.ask("remove", conversation=room, user="bob")
    await nobody.download(file, 404, path=told["url"], token=False)
    await http["bob"].download(file, 404)
    await alice.ask("add", conversation=room, users=["bob"])
    await nobody.download(file, path=told["url"], token=False)


async def refusals(http, server):
    """What is too large, of the wrong type, badly named, from nobody."""
    await http["alice"].upload(b"x", type="video/mp4", code=415)
    await http["alice"].upload(b"x", type="nonsense", code=400)
    await http["alice"].upload(b"x", name="a/b", code=400)
    status, _, body = await http["alice"].ask("POST", "/v1/files", b"x", token=False)
    require(status == 401 and json.loads(body)["code"] == "unauthenticated", "from nobody", status, body)
    status, _, body = await http["alice"].ask("POST", "/v1/files", b"x", {"Authorization": "Bearer x"}, token=False)
    require(status == 401, "with a bad token", status, body)
    with socket.create_connection(server.address, timeout=20) as raw:  # at once, before anything of it is sent
        raw.sendall(f"POST /v1/files HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {http['alice'].token}\r\n"
                    f"Content-Length: {LIMIT + 1}\r\n\r\n".encode())
        require(raw.recv(4096).startswith(b"HTTP/1.1 413 "), "too large, said at once")
    made = await http["alice"].upload(b"")
    require(made["size"] == 0 and "name" not in made, "nothing at all is a file, too", made)
    _, body = await http["alice"].download(made["file"])
    require(body == b"", "and is read as nothing")


async def by_curl(http, server, directory):
    """curl sends a large file in chunks and waits for `100 Continue`."""
    source, copy = directory / "source", directory / "copy"
    source.write_bytes(BIG)
    bearer = f"Authorization: Bearer {http['alice'].token}"
    url = f"http://{server.http}/v1/files"
    code, out, err = await run_program("curl", "-sS", "--fail", "-H", bearer, "-H", "Transfer-Encoding: chunked", "-H",
                                       "Expect: 100-continue", "-H", "Content-Type: image/png", "-T", str(source), "-X", "POST", f"{url}?name=c.png")
    require(code == 0, "curl uploads", code, err)
    made = json.loads(out)
    require(made["size"] == len(BIG), "all of it", made)
    code, _, err = await run_program("curl", "-sS", "--fail", "-H", bearer, "-o", str(copy), f"{url}/{made['file']}")
    require(code == 0 and copy.read_bytes() == BIG, "curl downloads", code, err)
    source.write_bytes(b"z" * (LIMIT + 1))
    code, out, err = await run_program("curl", "-sS", "-H", bearer, "-H", "Transfer-Encoding: chunked", "-w", "%{http_code}", "-o", str(copy),
                                       "-T", str(source), "-X", "POST", url)
    require("413" in out, "too large on the way", code, out, err)


def half_an_upload(server, token):
    """A socket that has sent a part of what it announced."""
    raw = socket.create_connection(server.address, timeout=20)
    raw.sendall(f"POST /v1/files HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n"
                f"Content-Length: {len(BIG)}\r\n\r\n".encode() + BIG[:200000])
    return raw


async def given_up(http, server):
    """A client that goes away leaves nothing; a killed server neither."""
    raw = half_an_upload(server, http["alice"].token)
    await eventually(lambda: incoming(server), "the upload has begun")
    raw.close()
    await eventually(lambda: not incoming(server), "and nothing is left of it")
    raw = half_an_upload(server, http["alice"].token)
    await eventually(lambda: incoming(server), "another one has begun")
    await server.kill()
    raw.close()
    require(incoming(server), "the kill left something")
    stray = blob(server, "f" * 32)
    stray.parent.mkdir(mode=0o700, exist_ok=True)
    stray.write_bytes(b"x")
    await server.start(*OPTIONS)
    await eventually(lambda: not incoming(server) and not stray.exists(), "the next start takes it away")


async def gone(alice, http, server, room, file):
    """With its message a file is out of reach at once, and its bytes go."""
    seq = (await alice.ask("history", conversation=room))["events"]
    seq = next(each["seq"] for each in seq if each.get("files"))
    require(blob(server, file).exists(), "its bytes")
    await alice.ask("delete", conversation=room, message=seq, **{"for": "everyone"})
    for user in ("alice", "bob"):
        await http[user].download(file, 404)
    event = (await alice.ask("history", conversation=room, after=seq - 1, limit=1))["events"][0]
    require("files" not in event and event["deleted"], "a tombstone", event)
    require((await alice.ask("erasure", conversation=room, message=seq))["files"] == 1, "the receipt counts it")
    await server.stop()
    await server.start(*OPTIONS)  # no send is under way then, so nothing is waited for
    await eventually(lambda: not blob(server, file).exists(), "its bytes are gone")


async def a_backup(alice, http, server, room, tokens):
    """The copy has the bytes of what it knows, and serves them."""
    kept = await http["alice"].upload(b"kept", "kept.txt")
    await alice.ask("send", conversation=room, client_id="kept", body="see", files=[kept["file"]])
    copy = server.data.parent / "backup"
    await server.tool("backup", "--data", str(server.data), "--to", str(copy))
    await server.stop()
    restored = Server(copy)
    await restored.check()
    await restored.start(*OPTIONS)
    _, body = await Files(restored, tokens["bob"]).download(kept["file"])
    require(body == b"kept", "the copy has it")
    await restored.stop()
    return kept


async def main():
    with data_directory() as data:
        server = await Server(data).start(*OPTIONS)
        tokens = await server.tokens(["alice", "bob", "eve"])
        http = {user: Files(server, token) for user, token in tokens.items()}
        alice, bob, eve = [await Client.open(server, tokens[user], how)
                           for user, how in (("alice", "msgpack"), ("bob", "json"), ("eve", "json"))]
        limits = alice.welcome["limits"]
        require((limits["file_bytes"], limits["files"]) == (LIMIT, 10), "what the server takes", limits)
        room = (await alice.ask("create", kind="group", members=["bob"]))["conversation"]
        file = await sent_and_read(alice, bob, eve, http, room)
        done("a file in a message: for members, for nobody else")
        await parts(http, file)
        done("ranges, tags and heads")
        await signed(alice, bob, http, server, room, file)
        done("signed addresses")
        await refusals(http, server)
        await by_curl(http, server, pathlib.Path(data).parent)
        done("what is refused, and what curl does")
        hits = (await alice.ask("search", query="has:file"))["hits"]
        require([hit["seq"] for hit in hits] == [2], "found by having a file", hits)
        shapes = sum(all_shaped(each.seen) for each in (alice, bob, eve))
        await given_up(http, server)
        done("uploads that are given up, by clients and by a killed server")
        for each in http.values():
            each.connection = None
        alice = await Client.open(server, tokens["alice"])
        await gone(alice, http, server, room, file)
        done("a file goes with its message")
        for each in http.values():
            each.connection = None
        alice = await Client.open(server, tokens["alice"])
        await a_backup(alice, http, server, room, tokens)
        await server.check()
        done("a backup with files")
        await server.start("--file-bytes", "0")
        await Files(server, tokens["alice"]).upload(b"x", code=404)
        await server.stop()
    done("envelopes about files", shapes)


if __name__ == "__main__":
    run(main)
