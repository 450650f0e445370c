# An application that looks at messages before they are sent: allowed, refused, rewritten, slow, wrong, gone.
import asyncio
import contextlib
import http.client
import json
import os
import socket
import time
from http.server import BaseHTTPRequestHandler

from client import Client
from openssl import certificate
from receiver import SECRET, Listening, signature
from rest import Rest
from support import Server, data_directory, done, require, run

MINUTE = 60  # in which a request is answered


class Application:
    """Decides by the message's first word; keeps its connections."""

    def __init__(self, certificate=None):
        self.asked = []
        self.faults = []
        self.connections = set()  # addresses
        self.sockets = set()
        self.answer = None  # what everything is answered with: (status, bytes)
        self._server = Listening(self._handler(), certificate, "0.0.0.0")  # other names of this machine reach it, too

    def url(self, host="127.0.0.1"):
        return self._server.url(host, "/screen?by=parley")

    def close(self):
        self._server.end()
        for each in self.sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def verdict(self, data):
        word, _, rest = data["body"].partition(" ")
        if word == "slow":
            time.sleep(float(rest))
        return {"bad": {"verdict": "reject", "reason": "mind your words"},
                "damn": {"verdict": "rewrite", "body": f"d*** {rest}", "meta": {"rewritten": True}}}.get(word, {"verdict": "allow"})

    def _take(self, request):
        raw = request.rfile.read(int(request.headers["content-length"]))
        headers = {name.lower(): value for name, value in request.headers.items()}
        expected = signature(SECRET, headers["webhook-id"], headers["webhook-timestamp"], raw)
        body = json.loads(raw)
        if headers["webhook-signature"] != expected or body["type"] != "message.screening" or request.path != "/screen?by=parley":
            self.faults.append((headers, body))
        self.asked.append(body["data"])
        self.connections.add(request.client_address)
        self.sockets.add(request.connection)
        return self.answer or (200, json.dumps(self.verdict(body["data"])).encode())

    def _handler(application):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                status, answer = application._take(self)
                self.send_response(status)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        return Handler


async def verdicts(application, alice, bob, room):
    """What each of them does, to messages and edits, and to their retries."""
    one = await alice.send(room, "m1", "hello")
    await bob.expect_message(room, "hello")
    asked = application.asked[-1]
    require(asked == {"conversation": room, "from": "alice", "client_id": "m1", "body": "hello"}, "what is asked", asked)
    refused = await alice.answer("send", conversation=room, client_id="m2", body="bad words")
    require((refused["code"], refused["message"]) == ("forbidden", "mind your words"), "refused with the reason", refused)
    await alice.send(room, "m3", "damn it")
    changed = await bob.expect_message(room, "d*** it")
    require(changed["meta"] == {"rewritten": True}, "and its application data", changed)
    again = await alice.send(room, "m3", "damn it")
    require(again["seq"] == changed["seq"], "a retry says what it said, and gets the first answer", again)
    edit = await alice.answer("edit", conversation=room, message=one["seq"], body="bad edit")
    require(edit["code"] == "forbidden", "edits are looked at", edit)
    require((await alice.answer("edit", conversation=room, message=one["seq"], body="damn edit"))["type"] == "ok", "and rewritten")
    page = await bob.ask("history", conversation=room)
    bodies = [each["body"] for each in page["events"] if each["type"] == "message"]
    require(bodies == ["d*** edit", "d*** it"], "what history has", bodies)
    typed = len(application.asked)
    await alice.ask("typing", conversation=room, active=True)
    await alice.ask("read", conversation=room, seq=1)
    require(len(application.asked) == typed, "nothing else is asked about")


async def in_order(application, alice, bob, room):
    """Many at once keep their order, and few connections carry them."""
    application.connections.clear()
    commands = [{"type": "send", "conversation": room, "client_id": f"n{i}", "body": f"slow {(20 - i) % 7 / 100}"} for i in range(60)]
    answers = await alice.answers(commands + [{"type": "get", "conversation": room}])
    numbers = [each["seq"] for each in answers]
    require(all(each["type"] == "sent" for each in answers[:-1]), "all were sent")
    require(numbers[:-1] == list(range(numbers[0], numbers[0] + 60)), "in the order they were said", numbers)
    require(answers[-1]["type"] == "conversation" and numbers[-1] == numbers[-2], "what was asked behind them came behind them")
    require(len(application.connections) <= 16, "connections are kept", len(application.connections))


async def out_of_order(server, application, alice, room, fails_open):
    """No verdict in time, or none that is one: `unavailable`, or sent as it was."""
    async def outcome(name, body):
        answer = await alice.answer("send", conversation=room, client_id=name, body=body)
        return answer.get("code", answer["type"])

    expected = "sent" if fails_open else "unavailable"
    require(await outcome("slow", "slow 3") == expected, "too slow")
    for i, answer in enumerate([(500, b""), (200, b"{"), (200, b'{"verdict":"perhaps"}'), (200, b"x" * 200_000),
                                (200, b'{"verdict":"rewrite","body":"\\u0001"}'), (302, b"")]):
        application.answer = answer
        require(await outcome(f"wrong{i}", "hello") == expected, "no verdict", answer)
    application.answer = (204, b"")
    require(await outcome("bare", "bad but allowed") == "sent", "204 allows")
    application.answer = None
    application.close()
    require(await outcome("gone", "hello") == expected, "nobody there")
    require(server.alive, "the server lives")


async def over_tls(folder, secret):
    """A certificate of a known root for the right name is believed, and nothing else."""
    known, unknown = certificate(folder, "known"), certificate(folder, "unknown")
    for shown, host, believed in ((known, "localhost", True), (known, "127.0.0.1", True), (known, "127.0.0.2", False),
                                  (unknown, "localhost", False)):
        application = Application(shown)
        server = Server(folder / f"tls-{shown[0].stem}-{host}")
        os.environ["SSL_CERT_FILE"] = str(known[0])
        await server.start("--screen", application.url(host), "--screen-secret-file", str(secret), "--screen-patience", "5s")
        del os.environ["SSL_CERT_FILE"]
        alice = await Client.open(server, await server.token("alice"))
        room = (await alice.ask("create", kind="group"))["conversation"]
        for i, expected in enumerate(("sent", "forbidden", "sent") if believed else ("unavailable",) * 3):
            answer = await alice.answer("send", conversation=room, client_id=f"t{i}", body=("hello", "bad words", "damn it")[i])
            require(answer.get("code", answer["type"]) == expected, "over TLS", host, shown[0].name, answer)
        require(len(application.asked) == (3 if believed else 0), "who is not believed is told nothing", application.asked)
        require(len(application.connections) == (1 if believed else 0), "one handshake is enough", application.connections)
        require(not application.faults, "every question is signed", application.faults[:1])
        application.close()
        await server.stop()
        await server.check()
    done("applications over TLS, believed or not", 4)


async def too_late(folder, secret):
    """A request waits for a minute and no longer; whoever asks again then learns what became of it."""
    application = Application()
    server = Server(folder / "late")
    await server.start("--screen", application.url(), "--screen-secret-file", str(secret), "--screen-patience", "5m")
    alice = Rest(server, await server.token("alice"))
    room = (await alice.good("POST", "/v1/conversations", {"kind": "group"}, 201, Idempotency_Key="room"))["conversation"]
    messages = f"/v1/conversations/{room}/messages"
    alice.connection = http.client.HTTPConnection(*server.address, timeout=120)
    begun = time.monotonic()
    status, headers, data = await alice.ask("POST", messages, {"body": f"slow {MINUTE + 5}"}, Idempotency_Key="late")
    took = time.monotonic() - begun
    require((status, json.loads(data)["code"], headers["Connection"]) == (503, "unavailable", "close"), "too late", status, headers.items(), data)
    require(MINUTE <= took < MINUTE + 5, "after a minute", took)
    application.answer = (204, b"")
    sent = [await alice.good("POST", messages, {"body": f"slow {MINUTE + 5}"}, 201, Idempotency_Key="late") for _ in range(2)]
    said = [each["seq"] for each in (await alice.good("GET", messages))["events"] if each["type"] == "message"]
    require([each["seq"] for each in sent] == said * 2 and len(said) == 1, "the same key has it said once", sent, said)
    application.close()
    await server.stop()
    await server.check()
    done("a request whose answer comes too late", 1)


async def main():
    with data_directory() as data:
        secret = data / "screen.secret"
        secret.write_text(SECRET + "\n")
        late = asyncio.create_task(too_late(data, secret))
        for fails_open in (False, True):
            application = Application()
            server = Server(data / "store")
            await server.start("--screen", application.url(), "--screen-secret-file", str(secret), "--screen-patience", "1s",
                               "--screen-fail", "open" if fails_open else "closed")
            tokens = await server.tokens(["alice", "bob"])
            alice = await Client.open(server, tokens["alice"])
            bob = await Client.open(server, tokens["bob"], "json")
            room = (await alice.ask("create", kind="group", members=["bob"]))["conversation"]
            if not fails_open:
                await verdicts(application, alice, bob, room)
                await in_order(application, alice, bob, room)
            await out_of_order(server, application, alice, room, fails_open)
            require(not application.faults, "every question is signed", application.faults[:1])
            await server.stop()
            await server.check()
        done("messages screened, in order, with and without an answer", len(application.asked))
        await over_tls(data, secret)
        await late


if __name__ == "__main__":
    run(main)
