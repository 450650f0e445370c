# REST beside WebSockets: every kind of command, retries through a kill, errors, and what HTTP's own tools expect.
import asyncio
import gzip
import json
import time

from client import Client
from raw_socket import RawSocket
from rest import Rest, segment
from support import Failed, Server, data_directory, done, note, require, run, run_program


async def said(alice, bob, room):
    """What one says over HTTP the other is told on the socket, and the other way round."""
    sent = await alice.good("POST", f"{room}/messages", {"body": "Hello", "meta": {"a": [1, 2.5, None]}}, 201, Idempotency_Key="h1")
    require(sent["client_id"] == "h1", "the key is the client's id", sent)
    event = await bob.expect("message", seq=sent["seq"])
    require((event["from"], event["body"], event["meta"]) == ("alice", "Hello", {"a": [1, 2.5, None]}), "what was said", event)
    again = await alice.good("POST", f"{room}/messages", {"body": "Hello", "meta": {"a": [1, 2.5, None]}}, 201, Idempotency_Key='"h1"')
    require(again == sent, "a retry is the same, with the key in quotes, too", again)
    named = await alice.good("POST", f"{room}/messages", {"body": "Hello", "meta": {"a": [1, 2.5, None]}, "client_id": "h1"}, 201)
    require(named == sent, "and with the id in the body", named)
    await alice.refused("POST", f"{room}/messages", 409, "conflict", {"body": "Other"}, Idempotency_Key="h1")
    answer = await bob.ask("send", conversation=event["conversation"], client_id="b1", body="Hello yourself")
    page = await alice.good("GET", f"{room}/messages?after={sent['seq']}")
    require([e["body"] for e in page["events"]] == ["Hello yourself"] and "ref" not in page, "what was answered", page)
    synced = await alice.good("GET", f"{room}/events?after={sent['seq']}")
    require(synced["events"] == page["events"], "as it was delivered", synced)
    deep = {"a": [{"b": [{"c": [{"d": 1}]}]}]}
    nested = await alice.good("POST", f"{room}/messages", {"body": "Deep", "meta": deep}, 201, Idempotency_Key="deep")
    page = await alice.good("GET", f"{room}/messages?limit=1")
    require(page["events"][0]["meta"] == deep and page["last"] == nested["seq"], "nested as it was", page)
    await alice.good("DELETE", f"{room}/messages/{nested['seq']}")
    done("a conversation over both doors", 8)
    return sent["seq"], answer["seq"]


async def changed(alice, bob, room, message):
    """Messages are edited, reacted to, pinned, threaded, deleted; the answers say what they say on the socket."""
    one = f"{room}/messages/{message}"
    await alice.good("PATCH", one, {"body": "Hello all"})
    await bob.expect("edited", message=message, body="Hello all")
    versions = await alice.good("GET", f"{one}/versions")
    require([v["body"] for v in versions["items"]] == ["Hello", "Hello all"], "both versions", versions)
    await alice.good("PUT", f"{one}/reactions/{segment('👍🏽')}")
    await bob.expect("reaction", message=message, emoji="👍🏽")
    got = await alice.good("GET", f"{one}/reactions?emoji={segment('👍🏽')}")
    require(got["items"] == [{"emoji": "👍🏽", "user": "alice"}], "who reacted", got)
    await alice.good("DELETE", f"{one}/reactions/{segment('👍🏽')}")
    await bob.expect("reaction", message=message, removed=True)
    await alice.good("PUT", f"{one}/pin")
    require([p["message"] for p in (await alice.good("GET", f"{room}/pins"))["items"]] == [message], "it is pinned")
    await alice.good("DELETE", f"{one}/pin")
    require((await alice.good("GET", f"{room}/pins"))["items"] == [], "and not any more")
    reply = await alice.good("POST", f"{room}/messages", {"body": "In a thread", "thread": message}, 201, Idempotency_Key="t1")
    thread = await alice.good("GET", f"{one}/thread")
    require([e["seq"] for e in thread["events"]] == [reply["seq"]], "the thread", thread)
    await alice.good("POST", f"{one}/thread/read", {"seq": reply["seq"]})
    await alice.good("DELETE", f"{room}/messages/{reply['seq']}?for=me")
    page = await alice.good("GET", f"{room}/messages")
    require(reply["seq"] not in [e["seq"] for e in page["events"]], "hidden from her", page)
    await alice.good("DELETE", one)
    await bob.expect("deleted", message=message)
    erasure = await alice.good("GET", f"{one}/erasure")
    require(erasure["by"] == "alice" and erasure["versions"] == 2, "the receipt", erasure)
    done("messages changed over REST", 14)


async def read(alice, bob, server, tokens, room):
    """Receipts, unread, settings and totals; the author sees them on the socket."""
    writer = Rest(server, tokens["bob"])
    sent = await writer.good("POST", f"{room}/messages", {"body": "Read me"}, 201, Idempotency_Key="r1")
    totals = await alice.good("GET", "/v1/totals")
    require(totals["unread"] >= 1, "it is unread", totals)
    await alice.good("POST", f"{room}/delivered", {"seq": sent["seq"]})
    await alice.good("POST", f"{room}/read", {"seq": sent["seq"]})
    await bob.expect("receipt", user="alice", read=sent["seq"])
    receipts = await writer.good("GET", f"{room}/receipts?message={sent['seq']}&counts=true")
    require(receipts["items"][0]["user"] == "alice" and receipts["counts"]["read"] == 1, "who has read it", receipts)
    require((await alice.good("GET", "/v1/totals"))["unread"] == 0, "nothing is unread")
    await alice.good("POST", f"{room}/unread", {"seq": sent["seq"]})
    require((await alice.good("GET", "/v1/totals"))["unread"] == 1, "it is again")
    await alice.good("PATCH", f"{room}/settings", {"archived": True, "muted_until": 0})
    listed = await alice.good("GET", "/v1/conversations?archived=true")
    require(len(listed["items"]) == 1, "put away", listed)
    await alice.good("PATCH", f"{room}/settings", {"archived": False})
    devices = await alice.good("GET", f"{room}/devices")
    require(devices["read"] == sent["seq"] or devices["shown"] <= sent["seq"], "how far she is", devices)
    done("receipts, totals and settings over REST", 8)


async def paged(alice):
    """`Link` leads through all pages, of lists and of histories."""
    for i in range(5):
        await alice.good("POST", "/v1/conversations", {"kind": "group", "title": f"Room {i}"}, 201, Idempotency_Key=f"room {i}")
    path, titles, pages = "/v1/conversations?limit=2&hidden=false", [], 0
    while path:
        status, headers, data = await alice.ask("GET", path)
        titles += [item.get("title") for item in json.loads(data)["items"]]
        path, pages = next_of(headers), pages + 1
    require(pages >= 3 and {f"Room {i}" for i in range(5)} <= set(titles), "all of them", pages, titles)
    made = await alice.good("POST", "/v1/conversations", {"kind": "group"}, 201, Idempotency_Key="long")
    room = f"/v1/conversations/{made['conversation']}"
    for i in range(9):
        await alice.good("POST", f"{room}/messages", {"body": f"{i}"}, 201, Idempotency_Key=f"{i}")
    for start in (f"{room}/messages?limit=3", f"{room}/messages?after=0&limit=3", f"{room}/events?limit=3"):
        path, bodies = start, []
        while path:
            status, headers, data = await alice.ask("GET", path)
            bodies += [event.get("body") for event in json.loads(data)["events"]]
            path = next_of(headers)
        require(sorted(b for b in bodies if b) == [f"{i}" for i in range(9)], "each message once", start, bodies)
    done("pages by Link", 4)
    return room


def next_of(headers):
    link = headers["Link"]
    if not link:
        return None
    require(link.startswith("<") and link.endswith('>; rel="next"'), "a link as RFC 8288 has it", link)
    return link[1:link.index(">")]


async def people(alice, server, tokens):
    """Members, roles, bans, invitations, blocks, profiles, preferences, search, sessions."""
    carol, dora = Rest(server, tokens["carol"]), Rest(server, tokens["dora"])
    made = await alice.good("POST", "/v1/conversations", {"kind": "group", "members": ["carol"]}, 201)
    room = f"/v1/conversations/{made['conversation']}"
    await carol.good("GET", room)
    await dora.refused("GET", room, 404, "not_found")
    await alice.good("POST", f"{room}/members", {"users": ["dora"], "role": "reader"})
    await dora.refused("POST", f"{room}/messages", 403, "forbidden", {"body": "x"}, Idempotency_Key="d1")
    await alice.good("PATCH", f"{room}/members/dora", {"role": "admin"})
    require({m["user"]: m["role"] for m in (await dora.good("GET", f"{room}/members"))["items"]}
            == {"alice": "owner", "carol": "member", "dora": "admin"}, "the members")
    await dora.good("PUT", f"{room}/silences/carol", {"until": int(time.time() * 1000) + 60_000})
    await carol.refused("POST", f"{room}/messages", 403, "forbidden", {"body": "x"}, Idempotency_Key="c1")
    await dora.good("PUT", f"{room}/bans/carol")
    await carol.refused("GET", room, 404, "not_found")
    require([r["user"] for r in (await dora.good("GET", f"{room}/restrictions"))["items"]] == ["carol"], "kept out")
    await dora.good("DELETE", f"{room}/bans/carol")
    await dora.good("POST", f"{room}/invitations", {"users": ["carol"]})
    require(len((await carol.good("GET", "/v1/invitations"))["items"]) == 1, "an invitation")
    await carol.good("POST", f"{room}/accept")
    await carol.good("POST", f"{room}/leave", {})
    await alice.good("DELETE", f"{room}/members/dora")
    await alice.good("PATCH", room, {"title": "Ours", "frozen": True})
    await alice.good("DELETE", room)
    await alice.refused("GET", room, 404, "not_found")
    await alice.good("PUT", "/v1/blocks/carol")
    require([b["user"] for b in (await alice.good("GET", "/v1/blocks"))["items"]] == ["carol"], "blocked")
    await alice.good("DELETE", "/v1/blocks/carol")
    await alice.good("PUT", "/v1/users/alice", {"name": "Alice A."})
    await alice.refused("PUT", "/v1/users/carol", 403, "forbidden", {"name": "Mine"})
    require((await alice.good("GET", "/v1/users/alice"))["name"] == "Alice A.", "her name")
    await alice.good("PUT", "/v1/preferences", {"notify": "mentions", "zone": "Europe/Berlin"})
    require((await alice.good("GET", "/v1/preferences"))["zone"] == "Europe/Berlin", "how she wants to be told")
    watched = await Client.open(server, tokens["carol"])
    require((await alice.good("GET", "/v1/users/carol/presence"))["status"] == "offline", "they share nothing now")
    await alice.good("POST", "/v1/conversations", {"kind": "direct", "with": "carol"}, 201)
    require((await alice.good("GET", "/v1/users/carol/presence"))["status"] == "online", "now they do")
    await watched.close()
    found = await alice.good("GET", "/v1/search?query=Read+me&order=relevance")
    require([h["snippet"] for h in found["hits"]] == ["Read me"], "found", found)
    await alice.good("GET", "/v1/notifications?unseen=true")
    await alice.good("POST", "/v1/notifications/dismiss")
    done("people, rights and finding over REST", 30)


async def sessions(alice, server, tokens):
    """Who has the token ends sessions; their sockets close within a second."""
    desk = await Client.open(server, tokens["alice"], "msgpack", device="desk")
    phone = await Client.open(server, tokens["alice"], "json", device="phone")
    listed = (await alice.good("GET", "/v1/sessions"))["items"]
    require({s["device"] for s in listed} == {"desk", "phone"} and not any(s["current"] for s in listed), "both, and none asks", listed)
    begun = time.monotonic()
    await alice.good("DELETE", f"/v1/sessions/{phone.welcome['session']}")
    require(await phone.gone() == 4401, "it is closed", phone.socket.close_code)
    took = time.monotonic() - begun
    await alice.refused("DELETE", f"/v1/sessions/{phone.welcome['session']}", 404, "not_found")
    phone = await Client.open(server, tokens["alice"], "json", device="phone")
    require((await desk.ask("end_session", all=True))["type"] == "ok", "all but the one that asks")
    require(await phone.gone() == 4401, "the other one is closed")
    require(len((await desk.ask("sessions"))["items"]) == 1 and desk.connected, "and this one stays")
    require(await desk.refusal("end_session") == "bad_request", "one or all must be said")
    await alice.good("DELETE", "/v1/sessions")
    require(await desk.gone() == 4401, "that one, too")
    note(f"a socket was closed {took * 1000:.0f} ms after the request began")
    require(took < 1, "within a second", took)
    done("sessions ended over REST", 4)


async def operators(server, tokens, room):
    """An administrator's token acts for anybody, with no more rights; statistics are theirs alone."""
    root = Rest(server, await server.token("root", admin=True))
    for_alice = Rest(server, await server.token("root", admin=True), Parley_User="alice")
    sent = await for_alice.good("POST", f"{room}/messages", {"body": "In her name"}, 201, Idempotency_Key="op1")
    page = await for_alice.good("GET", f"{room}/messages?around={sent['seq']}&limit=1")
    require([e["from"] for e in page["events"]] == ["alice"], "she said it", page)
    await root.refused("GET", f"{room}/messages", 404, "not_found")
    await for_alice.refused("GET", "/v1/admin/holds", 403, "forbidden")
    bob = Rest(server, tokens["bob"])
    await bob.refused("GET", "/v1/totals", 403, "forbidden", Parley_User="alice")
    await bob.refused("GET", "/v1/admin/statistics", 403, "forbidden")
    for path in (f"{room}/export", "/v1/users/alice/export", "/v1/files/" + "0" * 32):
        await for_alice.refused("GET", path, 400, "bad_request")  # for which nobody acts for others
    told = await root.good("GET", "/v1/admin/statistics")
    require(told["messages"] > 10 and told["log"]["committed"] >= told["log"]["applied"] and told["commit"]["count"] > 10
            and 0 < told["commit"]["p50_ms"] <= told["commit"]["p99_ms"], "figures", told)
    conversation = room.rpartition("/")[2]
    await root.good("PUT", f"/v1/admin/holds/{conversation}")
    require([h["conversation"] for h in (await root.good("GET", "/v1/admin/holds"))["items"]] == [conversation], "held")
    await root.good("DELETE", f"/v1/admin/holds/{conversation}")
    done("what operators do over REST", 12)


BAD_BODIES = (b"", b"[]", b"null", b"{", b'{"body":"x"} {}', b'{"body":"x","body":"y"}', b'{"body":1}', b"\xef\xbb\xbf{}", b'{"body":"\xff"}',
              b'{"body":"x","type":"create"}', b'{"body":"x","ref":7}', b'{"body":"x","conversation":"other"}', b'{"body":"a\x00b"}',
              b'{"meta":' + b'{"a":' * 30 + b"1" + b"}" * 30 + b"}", b'{"body":"x","client_id":"c"}')


async def errors(alice, server, room):
    """What is wrong is said with its status and code, and the server goes on."""
    nobody = Rest(server, None)
    problem = await nobody.refused("GET", room, 401, "unauthenticated")
    require("detail" in problem, "in words, too", problem)
    await Rest(server, "nonsense").refused("GET", "/v1/totals", 401, "unauthenticated")
    expired = await server.tool("token", "--data", str(server.data), "--user", "alice", "--ttl", "1s")
    await asyncio.sleep(1.5)
    await Rest(server, expired.strip()).refused("GET", "/v1/totals", 401, "token_expired")
    for path in ("/v1/nothing", "/v1/conversations/", "/v1/conversations/a/b", "/v1/users/%00", "/v1/conversations/x/messages/1/pin/more"):
        await alice.refused("GET", path, 404, "not_found")
    _, headers, _ = await alice.ask("PUT", f"{room}/messages", {})
    require(headers["Allow"] == "GET, HEAD, POST, OPTIONS", "what it may be", headers.items())
    for query, why in (("limit=x", "limit"), ("limit=-1", "limit"), ("limit=99999999999999999999", "limit"), ("nonsense=1", "unknown"),
                       ("before=1&after=2", ""), ("limit=1&limit=2", "twice"), ("before=%ff", "before")):
        problem = await alice.refused("GET", f"{room}/messages?{query}", 400, "bad_request")
        require(why in problem["detail"], "and why", query, problem)
    await alice.refused("GET", "/v1/conversations?archived=yes", 400, "bad_request")
    await alice.refused("GET", "/v1/conversations?token=x", 400, "bad_request")
    await alice.refused("GET", f"{room}/messages/x/versions", 400, "bad_request")
    for body in BAD_BODIES:
        await alice.refused("POST", f"{room}/messages", 400, "bad_request", body, Idempotency_Key="bad")
    await alice.refused("POST", f"{room}/messages", 415, "bad_request", b"body=x", Content_Type="application/x-www-form-urlencoded", Idempotency_Key="bad")
    await alice.refused("POST", f"{room}/messages", 413, "too_large", {"body": "x" * 100_000}, Idempotency_Key="bad")
    await alice.refused("POST", f"{room}/messages", 413, "too_large", {"body": "x" * 20_000}, Idempotency_Key="bad")
    await alice.refused("GET", f"{room}/messages", 400, "bad_request", {"body": "a GET has none"})
    await alice.refused("POST", f"{room}/messages", 400, "bad_request", {"body": "no key"})
    await alice.refused("POST", f"{room}/messages", 400, "bad_request", {"body": "no key"}, Idempotency_Key="")
    for path in (room, f"{room}/export", "/v1/exports", "/v1/exports/x", "/v1/erasures/x", f"/v1/files/{'0' * 32}"):
        raw = await RawSocket.open(server)
        await raw.send(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer e30.e30.e30\r\n\r\n".encode() * 2)
        require((await raw.answer())[0] == 401 and await raw.rest() == b"", "one signature of nobody's is judged on a connection", path)
    raw = await RawSocket.open(server)
    raw.writer.write(f"POST {room}/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer e30.e30.e30\r\nContent-Type: application/json\r\n"
                     "Content-Length: 20\r\nExpect: 100-continue\r\n\r\n".encode())
    first = await asyncio.wait_for(raw.reader.readuntil(b"\r\n"), 20)
    require(b" 401 " in first, "nobody's body is waited for", first)
    raw.writer.close()
    require((await alice.good("GET", "/v1/totals"))["type"] == "totals", "it goes on")
    done("requests refused with their reason", 27 + len(BAD_BODIES))


async def over_http(alice, server, tokens, room):
    """Heads, options, tags, compression, chunks, pipelines, `Expect`, and bodies that do not come."""
    status, headers, data = await alice.ask("GET", f"{room}/messages")
    tag = headers["ETag"]
    status, _, nothing = await alice.ask("GET", f"{room}/messages", If_None_Match=f'"x", {tag}')
    require((status, nothing) == (304, b""), "what one has need not be sent", status)
    status, again, nothing = await alice.ask("HEAD", f"{room}/messages")
    require((status, nothing, again["ETag"], again["Content-Length"]) == (200, b"", tag, str(len(data))), "a head", again.items())
    for i in range(30):
        await alice.good("POST", f"{room}/messages", {"body": "word " * 20}, 201, Idempotency_Key=f"z{i}")
    _, plain, whole = await alice.ask("GET", f"{room}/messages")
    _, packed, small = await alice.ask("GET", f"{room}/messages", Accept_Encoding="br, gzip;q=0.5")
    require(packed["Content-Encoding"] == "gzip" and gzip.decompress(small) == whole and len(small) * 3 < len(whole), "smaller", len(small), len(whole))
    _, refused, _ = await alice.ask("GET", f"{room}/messages", Accept_Encoding="gzip;q=0, identity")
    require(refused["Content-Encoding"] is None and "Accept-Encoding" in refused["Vary"], "not for who does not want it", refused.items())
    _, named, _ = await alice.ask("GET", "/v1/totals", X_Request_Id="mine-1")
    require(named["X-Request-Id"] == "mine-1", "the caller's name for it", named.items())
    _, one, _ = await alice.ask("GET", "/v1/totals")
    _, two, _ = await alice.ask("GET", "/v1/totals", X_Request_Id="no\tname")
    require(one["X-Request-Id"] and two["X-Request-Id"] not in (one["X-Request-Id"], "no\tname"), "or the server's", one.items(), two.items())
    curl = ("curl", "-s", "-S", "--max-time", "20", "-H", f"Authorization: Bearer {tokens['alice']}", "-H", "Content-Type: application/json")
    for more, key in ((("-H", "Transfer-Encoding: chunked"), "k1"), (("-H", "Expect: 100-continue"), "k2"), (("--http1.0",), "k3")):
        code, out, err = await run_program(*curl, *more, "-H", f"Idempotency-Key: {key}", "-d", '{"body":"from curl"}', f"http://{server.http}{room}/messages")
        require(code == 0 and json.loads(out)["client_id"] == key, "curl", more, out, err)
    status, headers, nothing = await alice.ask("OPTIONS", f"{room}/messages")
    require((status, nothing, headers["Allow"]) == (204, b"", "GET, HEAD, POST, OPTIONS"), "what there is, asked by no page", status, headers.items())
    require(not any(name.startswith("Access-Control") for name in headers), "which is told nothing about pages", headers.items())
    await pipelined(server, tokens, room)
    await slow(server, tokens, room)
    done("what HTTP's tools expect", 16)


async def pipelined(server, tokens, room):
    """Requests that come in one go are answered in their order."""
    raw = await RawSocket.open(server)
    head = f"Host: 127.0.0.1\r\nAuthorization: Bearer {tokens['alice']}\r\n"
    asked = b""
    for i in range(20):
        body = json.dumps({"body": f"p{i}"})
        asked += (f"POST {room}/messages HTTP/1.1\r\n{head}Idempotency-Key: p{i}\r\nContent-Type: application/json\r\n"
                  f"Content-Length: {len(body)}\r\n\r\n{body}GET {room}/messages?limit=1 HTTP/1.1\r\n{head}\r\n").encode()
    raw.writer.write(asked)
    for i in range(20):
        require(json.loads(await body_of(raw))["client_id"] == f"p{i}", "in its turn", i)
        require(json.loads(await body_of(raw))["events"][0]["body"] == f"p{i}", "and seen by the next", i)
    raw.writer.close()


async def body_of(raw):
    head = await asyncio.wait_for(raw.reader.readuntil(b"\r\n\r\n"), 20)
    length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
    return await asyncio.wait_for(raw.reader.readexactly(length), 20)


async def slow(server, tokens, room):
    """A body that comes drop by drop is given up, whatever comes."""
    raw = await RawSocket.open(server)
    raw.writer.write(f"POST {room}/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {tokens['alice']}\r\n"
                     "Content-Type: application/json\r\nContent-Length: 1000\r\nIdempotency-Key: s\r\n\r\n".encode())
    begun = time.monotonic()
    answered = asyncio.create_task(raw.reader.readuntil(b"\r\n"))
    while not answered.done() and time.monotonic() - begun < 25:
        raw.writer.write(b" ")
        await asyncio.wait({answered}, timeout=0.5)
    require(answered.done() and b" 408 " in answered.result(), "given up", answered)
    raw.writer.close()


async def pages_of_others(server, tokens):
    """A page of an allowed origin may do all this; others may not."""
    alice = Rest(server, tokens["alice"], Origin="https://app.example")
    status, headers, _ = await alice.ask("OPTIONS", "/v1/totals", Access_Control_Request_Method="GET")
    require(status == 204 and headers["Access-Control-Allow-Origin"] == "https://app.example", "may I", status, headers.items())
    require("Idempotency-Key" in headers["Access-Control-Allow-Headers"] and "GET" in headers["Access-Control-Allow-Methods"], "with what", headers.items())
    _, headers, _ = await alice.ask("GET", "/v1/totals")
    require(headers["Access-Control-Allow-Origin"] == "https://app.example" and "ETag" in headers["Access-Control-Expose-Headers"], "it reads the answer", headers.items())
    await Rest(server, tokens["alice"], Origin="https://evil.example").refused("GET", "/v1/totals", 403, "forbidden")
    done("pages of other origins", 4)


async def through_a_kill(server, tokens, room):
    """Whatever was acknowledged is there after SIGKILL and after SIGTERM, and a retry gets the same answer."""
    answers, lost = {}, 0
    for end, first in ((server.kill, 0), (server.stop, 1000)):
        writers = [Rest(server, tokens["alice"]) for _ in range(4)]
        stop = asyncio.Event()

        async def write(writer, start):
            for i in range(start, start + 250):
                if stop.is_set():
                    return
                try:
                    status, _, data = await writer.ask("POST", f"{room}/messages", {"body": f"m{i}"}, Idempotency_Key=f"m{i}")
                except Exception:
                    return
                if status == 201:
                    answers[f"m{i}"] = json.loads(data)
                else:
                    require(status == 503, "put off while it stops", status, data)

        tasks = [asyncio.create_task(write(writer, first + 250 * n)) for n, writer in enumerate(writers)]
        await asyncio.sleep(0.7)
        await end()
        stop.set()
        await asyncio.gather(*tasks)
        await server.start("--origin", "https://app.example")
        again = Rest(server, tokens["alice"])
        for key, answer in answers.items():
            got = await again.good("POST", f"{room}/messages", {"body": key}, 201, Idempotency_Key=key)
            require(got == answer, "the same answer after a restart", got, answer)
    require(len(answers) > 20, "enough was said", len(answers))
    seen, path = [], f"{room}/events?limit=200"
    while path:
        _, headers, data = await again.ask("GET", path)
        seen += [e["seq"] for e in json.loads(data)["events"]]
        path = next_of(headers)
    require(seen == list(range(1, len(seen) + 1)), "no number is missing", seen[:5], len(seen))
    done("acknowledged over REST, retried after SIGKILL and SIGTERM", len(answers))


async def too_fast(data):
    """Who asks too much is told when to come again."""
    server = Server(data)
    await server.start("--rate-limit", "on", "--log-level", "debug")
    tokens = await server.tokens(["alice"])
    alice = Rest(server, tokens["alice"])
    for _ in range(2000):
        status, headers, data = await alice.ask("GET", "/v1/totals")
        if status == 429:
            problem = json.loads(data)
            require(problem["code"] == "rate_limited" and problem["retry_after_ms"] > 0 and int(headers["Retry-After"]) >= 1, "when", problem)
            break
    else:
        raise Failed("nothing was too fast")
    trace = "0af7651916cd43dd8448eb211c80319c"
    await alice.ask("GET", "/v1/users/secret-name", X_Request_Id="mine-2", traceparent=f"00-{trace}-b7ad6b7169203331-01")
    await alice.ask("GET", "/v1/users/secret-name/export", X_Request_Id="mine-3", traceparent=f"00-{trace}-b7ad6b7169203331-01")
    await server.stop()
    line = next((each for each in server.words(100_000).splitlines() if 'id="mine-2"' in each), "")
    require(f"trace={trace}" in line and "operation=getProfile" in line and "secret-name" not in server.words(100_000), "its line in the log", line)
    require(f'id="mine-3" trace={trace} operation=exportUser status=' in server.words(100_000), "and that of an archive")
    done("commands beyond the user's rate, and what is logged of a request", 2)


async def main():
    with data_directory() as data:
        server = Server(data)
        await server.start("--origin", "https://app.example")
        tokens = await server.tokens(["alice", "bob", "carol", "dora"])
        alice = Rest(server, tokens["alice"])
        bob = await Client.open(server, tokens["bob"])
        made = await alice.good("POST", "/v1/conversations", {"kind": "group", "title": "Ours", "members": ["bob"]}, 201, Idempotency_Key="c1")
        room = f"/v1/conversations/{made['conversation']}"
        first, _ = await said(alice, bob, room)
        await changed(alice, bob, room, first)
        await read(alice, bob, server, tokens, room)
        long = await paged(alice)
        await people(alice, server, tokens)
        await sessions(alice, server, tokens)
        await operators(server, tokens, room)
        await errors(alice, server, room)
        await over_http(alice, server, tokens, long)
        await pages_of_others(server, tokens)
        await through_a_kill(server, tokens, long)
        await server.stop()
        await server.check()
        await too_fast(data)


if __name__ == "__main__":
    run(main)
