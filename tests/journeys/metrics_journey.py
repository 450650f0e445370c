# /metrics: who may see it, what moves when something happens, and that it names nobody.
import asyncio
import contextlib
import http.client as http_client
import json
import pathlib
import re
import socket

from client import Client
from support import PATIENCE, done, note, require, run, serving

LINE = re.compile(r'^(parley_[a-z_]+)(?:\{(.*)\})? (-?[0-9.e+-]+|\+Inf|NaN)$')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"(?:,|$)')
CANARY = "canary-9c1f"
BIG = b"y" * (16 << 20)


async def http(address, request):
    """Status, headers and body of one answer; the connection is closed by the server."""
    reader, writer = await asyncio.wait_for(asyncio.open_connection(*address), PATIENCE)
    writer.write(request.encode())
    answer = await asyncio.wait_for(reader.read(), PATIENCE)
    writer.close()
    head, _, body = answer.decode().partition("\r\n\r\n")
    lines = head.split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
    return int(lines[0].split()[1]), headers, body


async def ask(address, *headers, path="/metrics"):
    wanted = [f"GET {path} HTTP/1.1", "Host: localhost", "Connection: close", *headers]
    return await http(address, "\r\n".join(wanted) + "\r\n\r\n")


def parse(text):
    """Samples by name and labels, as a scraper reads them: types first, histograms cumulative."""
    samples, types = {}, {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, type = line.split(" ")
            require(name not in types, "a family comes once", name)
            types[name] = type
        elif not line.startswith("# HELP "):
            found = LINE.match(line)
            require(found, "a line is a sample", line)
            labels = tuple(sorted(LABEL.findall(found[2] or "")))
            require((found[1], labels) not in samples, "a sample comes once", line)
            samples[found[1], labels] = float(found[3])
    for name, type in types.items():
        require(type != "counter" or name.endswith("_total"), "counters are named so", name)
        if type == "histogram":
            check_histogram(samples, name)
    return samples


def check_histogram(samples, name):
    rows = {}
    for (sample, labels), value in samples.items():
        if sample == f"{name}_bucket":
            rest = tuple(each for each in labels if each[0] != "le")
            rows.setdefault(rest, []).append((float(dict(labels)["le"]), value))
    require(rows, "a histogram has buckets", name)
    for labels, buckets in rows.items():
        counts = [count for _, count in sorted(buckets)]
        require(counts == sorted(counts), "buckets are cumulative", name, counts)
        require(counts[-1] == samples[f"{name}_count", labels], "the last bucket holds all", name)


class Scraper:
    def __init__(self, server):
        self.server = server

    async def read(self):
        status, headers, body = await ask(self.server.address)
        require(status == 200 and headers["content-type"].startswith("text/plain; version=0.0.4"), "metrics are text", status, headers)
        return parse(body)


    async def until(self, holds):
        """The first samples of which it holds; those at the deadline, where it never does."""
        for _ in range(200):
            samples = await self.read()
            if holds(samples):
                break
            await asyncio.sleep(0.02)
        return samples


def value(samples, name, **labels):
    return samples[name, tuple(sorted(labels.items()))]


async def moves(scraper, server, tokens):
    """What is done shows, as often as it was done."""
    before = await scraper.read()
    alice = await Client.open(server, tokens["alice"], "json")
    bob = await Client.open(server, tokens["bob"])
    room = (await alice.ask("create", kind="group", title=f"{CANARY}-title", members=["bob"]))["conversation"]
    for i in range(10):
        await alice.send(room, f"{CANARY}-{i}", f"{CANARY}-body {i}")
    await alice.send(room, f"{CANARY}-0", f"{CANARY}-body 0")  # a retry is no message
    await bob.expect_message(room, f"{CANARY}-body 9")
    require(await alice.refusal("get", conversation="nothing") == "not_found", "a stranger's room")
    await bob.ask("list")
    await bob.pull(room, 0)
    # A read of the store is counted once it has ended, which may be after its answer has come.
    after = await scraper.until(lambda now: value(now, "parley_read_seconds_count", kind="list")
                                > value(before, "parley_read_seconds_count", kind="list"))

    def moved(name, **labels):
        return value(after, name, **labels) - value(before, name, **labels)

    expected = {
        ("parley_messages_total",): 10, ("parley_commands_total", "type", "send"): 11,
        ("parley_commands_total", "type", "create"): 1, ("parley_commands_total", "type", "hello"): 2,
        ("parley_commands_total", "type", "list"): 1, ("parley_errors_total", "code", "not_found"): 1,
        ("parley_errors_total", "code", "internal"): 0, ("parley_sessions", "encoding", "json"): 1,
        ("parley_sessions", "encoding", "msgpack"): 1, ("parley_connection_actors",): 2,
        ("parley_read_seconds_count", "kind", "list"): 1,
    }
    for (name, *label), by in expected.items():
        labels = {label[0]: label[1]} if label else {}
        require(moved(name, **labels) == by, "moves by what was done", name, labels, by, moved(name, **labels))
    require(moved("parley_deliveries_total") == 22, "ten messages and the joining, to two", moved("parley_deliveries_total"))
    require(10 <= moved("parley_send_latency_seconds_count") <= 11, "sends are timed", moved("parley_send_latency_seconds_count"))
    require(moved("parley_send_latency_seconds_sum") > 0, "and take time")
    for name in ("parley_commit_seconds_count", "parley_batch_records_count", "parley_batch_bytes_sum", "parley_received_bytes_total",
                 "parley_sent_bytes_total", "parley_connections_accepted_total", "parley_answers_total", "parley_conversations",
                 "parley_ring_bytes", "parley_log_position", "parley_actors"):
        require(moved(name) > 0, "grows with work", name)
    # A session that lasts has it written down that its user was seen: two more where this takes seconds.
    require(11 <= moved("parley_batch_records_sum") <= 13, "eleven records were committed", moved("parley_batch_records_sum"))
    for name in ("parley_model_file_bytes", "parley_log_file_bytes", "parley_free_bytes"):
        require(value(after, name) >= 2**20, "files have a size", name)
    require(value(after, "parley_search_file_bytes") > 0, "and so has the search index")
    await alice.close()
    await bob.drop()
    return len(expected) + 18


def are_described(samples):
    """operations.md names each metric that is printed, and no other."""
    text = (pathlib.Path(__file__).resolve().parents[2] / "docs" / "operations.md").read_text()
    text = text.partition("### Metrics")[2].partition("\n### ")[0]
    printed = {re.sub("_(bucket|count|sum)$", "", name) for name, _ in samples}
    named = set(re.findall(r"`(parley_[a-z_]+)", text))
    require(printed == named, "the metrics of the document", printed ^ named)
    return len(printed)


async def settles(scraper):
    """When nobody is there any more, what goes up and down is down."""
    async def calm():
        now = await scraper.read()
        return all(value(now, name, **labels) == 0 for name, labels in (
            ("parley_sessions", {"encoding": "json"}), ("parley_sessions", {"encoding": "msgpack"}), ("parley_connection_actors", {}),
            ("parley_log_queue_bytes", {}), ("parley_log_queue_records", {}), ("parley_unapplied_batches", {}),
            ("parley_unapplied_records", {}), ("parley_unapplied_seconds", {}), ("parley_outbox_bytes", {}), ("parley_throttled", {})))
    for _ in range(200):
        if await calm():
            break
        await asyncio.sleep(0.05)
    else:
        require(False, "gauges come down again")
    done("gauges come down again when nobody is there")


async def over_http(server, method, path, token, body=None, code=200):
    def ask():
        connection = http_client.HTTPConnection(*server.address, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request(method, path, body=body, headers={"Authorization": f"Bearer {token}", "Content-Type": "text/plain"})
            answer = connection.getresponse()
            return answer.status, answer.read()
    status, got = await asyncio.to_thread(ask)
    require(status == code, "an answer", method, path, status, got[:200])
    return got


async def half_an_export(server, path, token):
    """Of somebody who goes in the middle."""
    _, writer = await asyncio.open_connection(*server.address, limit=1024)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
    return writer


async def files_and_people(server):
    """Files, archives, erasures and notifications, and how they end."""
    tokens = await server.tokens(["alice", "bob"])
    admin = (await server.tool("token", "--data", str(server.data), "--user", "root", "--admin")).strip()
    scraper = Scraper(server)
    alice = await Client.open(server, tokens["alice"], "json")
    room = (await alice.ask("create", kind="group", members=["bob"]))["conversation"]
    file = json.loads(await over_http(server, "POST", "/v1/files", tokens["alice"], b"x" * 1000, 201))["file"]
    await over_http(server, "POST", "/v1/files", "nonsense", b"x", 401)
    sent = await alice.ask("send", conversation=room, client_id="f", body="", files=[file])
    for _ in range(2):
        await over_http(server, "GET", f"/v1/files/{file}", tokens["bob"])
    await over_http(server, "GET", f"/v1/files/{file}", admin, code=404)
    await scraper.until(lambda now: value(now, "parley_notifications_total", change="made") == 1)
    bob = await Client.open(server, tokens["bob"], "json")
    await bob.ask("read", conversation=room, seq=sent["seq"])
    archive = f"/v1/conversations/{room}/export"
    await over_http(server, "GET", archive, tokens["alice"])
    await over_http(server, "GET", "/v1/conversations/none/export", tokens["alice"], code=404)
    await over_http(server, "POST", "/v1/files", tokens["bob"], BIG, 201)
    writer = await half_an_export(server, "/v1/users/bob/export", tokens["bob"])
    await scraper.until(lambda now: value(now, "parley_exports_total", stage="begun") == 2)
    writer.transport.abort()
    await scraper.until(lambda now: value(now, "parley_exports_total", stage="failed") == 1)
    await over_http(server, "DELETE", "/v1/users/bob?policy=anonymise", admin, code=202)
    await over_http(server, "DELETE", "/v1/users/bob?policy=anonymise", admin, code=409)
    after = await scraper.until(lambda now: value(now, "parley_erasures_total", stage="ended") == 1)
    expected = {
        ("parley_files_total", "way", "uploaded"): 2, ("parley_files_total", "way", "downloaded"): 2,
        ("parley_file_bytes_total", "way", "uploaded"): 1000 + len(BIG), ("parley_file_bytes_total", "way", "downloaded"): 2000,
        ("parley_exports_total", "stage", "begun"): 2, ("parley_exports_total", "stage", "ended"): 1,
        ("parley_exports_total", "stage", "failed"): 1, ("parley_erasures_total", "stage", "begun"): 1,
        ("parley_erasures_total", "stage", "ended"): 1, ("parley_erasures_total", "stage", "refused"): 1,
        ("parley_notifications_total", "change", "made"): 1, ("parley_notifications_total", "change", "withdrawn"): 1,
    }
    for (name, label, which), by in expected.items():
        found = value(after, name, **{label: which})
        require(found == by, "as often as it was done", name, which, by, found)
    done("files, archives, erasures and notifications are counted, with how they ended", len(expected))


async def files_are_counted(server):
    """Attached files have a size from the first look on."""
    await server.stop()
    await server.start()
    scraper = Scraper(server)
    after = await scraper.until(lambda now: value(now, "parley_files_bytes") > 0)
    require(value(after, "parley_files_bytes") == 1000 + len(BIG), "what was uploaded", value(after, "parley_files_bytes"))
    done("the size of attached files")


def own_address():
    """An address of this machine that others would use; None without a network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
            found = probe.getsockname()[0]
        except OSError:
            return None
    return None if found.startswith("127.") else found


async def who_may_see_it(server, tokens, admin):
    """From here anybody, from elsewhere or through a proxy administrators."""
    elsewhere = own_address()
    places = [(server.address, ["X-Forwarded-For: 192.0.2.7"])]
    if elsewhere:
        places.append(((elsewhere, server.address[1]), []))
    else:
        note("another address than loopback was NOT tried: this machine has none")
    for address, headers in places:
        for token, wanted, code in ((None, 401, "unauthenticated"), ("nonsense", 401, "unauthenticated"),
                                    (tokens["alice"], 403, "forbidden"), (admin, 200, None)):
            bearer = [f"Authorization: Bearer {token}"] if token else []
            status, answered, body = await ask(address, *headers, *bearer)
            require(status == wanted, "who may see metrics", address, token, status, body[:200])
            if code:
                require(answered["content-type"] == "application/problem+json" and json.loads(body)["code"] == code, "problems are problems", body)
                require("parley_" not in body, "and tell nothing", body)
            else:
                parse(body)
    done("loopback or an admin's token, nobody else", 4 * len(places))


async def answers_do_not_pile_up(server):
    """Whoever asks and asks without reading is answered as far as the socket takes it, and costs no memory. The release, since
    sanitizers keep what was freed."""
    require(not server.sanitized, "the release build is there")
    before = server.memory()
    asked = b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 1200
    greedy = []
    for _ in range(20):
        reader, writer = await asyncio.open_connection(*server.address, limit=1024)
        writer.write(asked)
        greedy.append(writer)
    for _ in range(20):
        status, _, _ = await ask(server.address)
        require(status == 200, "others are answered meanwhile", status)
    grown = server.memory() - before
    require(grown < 64 << 20, "what is not read is not made", grown)
    for writer in greedy:
        writer.transport.abort()
    done("requests in one go whose answers nobody reads", 20 * 1200)


async def main():
    async with serving("--rate-limit", "on", "--notify-after", "0", listen="0.0.0.0:0") as server:
        server.address = ("127.0.0.1", server.address[1])
        tokens = await server.tokens(["alice", "bob"])
        admin = (await server.tool("token", "--data", str(server.data), "--user", f"{CANARY}-admin", "--admin")).strip()
        scraper = Scraper(server)
        done("values move as they should", await moves(scraper, server, tokens))
        done("each metric is described", are_described(await scraper.read()))
        await settles(scraper)
        await who_may_see_it(server, tokens, admin)
        _, _, body = await ask(server.address)
        for secret in (CANARY, "alice", "bob", *tokens.values(), admin):
            require(secret not in body, "metrics name nobody", secret)
        done("no user, body, key, title or token in it", 6)
    async with serving("--notify-after", "1s") as server:
        await files_and_people(server)
        await files_are_counted(server)
    async with serving(release=True) as server:
        await answers_do_not_pile_up(server)


if __name__ == "__main__":
    run(main)
