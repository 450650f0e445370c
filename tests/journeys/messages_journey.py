# Edits, deletion and reactions over real sockets, in both encodings, through a kill of the server.
import asyncio

from client import Client
from shapes import all_shaped, shaped
from support import data_directory, done, require, run, Server

SECRET = "what nobody shall read again"


async def shown(client, room, seq, how="history"):
    """One event as `history` or `sync` has it."""
    page = await client.ask(how, conversation=room, after=seq - 1, limit=1)
    return page["events"][0]


async def an_edit(alice, bob, room):
    """The author edits; everyone is told, and history follows while `sync` keeps what was delivered."""
    seq = (await alice.ask("send", conversation=room, client_id="a1", body="tpyo", mentions=["bob"]))["seq"]
    answer = await alice.ask("edit", conversation=room, message=seq, body="typo", client_id="e1")
    event = await bob.expect("edited", conversation=room, seq=answer["seq"])
    require((event["message"], event["body"], event["by"]) == (seq, "typo", "alice"), "the edit", event)
    require(await bob.refusal("edit", conversation=room, message=seq, body="mine") == "forbidden", "only the author edits")
    now = await shown(bob, room, seq)
    require((now["body"], now["edits"], now["mentions"]) == ("typo", 1, ["bob"]), "history has the newest body", now)
    require((await shown(bob, room, seq, "sync"))["body"] == "tpyo", "sync has what was delivered")
    again = await alice.ask("edit", conversation=room, message=seq, body="typo", client_id="e1")
    require(again["seq"] == answer["seq"], "a retry is no second edit", again)
    require(await alice.refusal("edit", conversation=room, message=seq, body="other", client_id="e1") == "conflict",
            "other content under the same client_id")
    return seq


async def reactions(alice, bob, room, seq):
    """Each kind once by everyone; history counts."""
    for client in (alice, bob):
        await client.ask("react", conversation=room, message=seq, emoji="\U0001f44d")
    await bob.ask("react", conversation=room, message=seq, emoji="\u2764\ufe0f", client_id="heart")
    event = await alice.expect("reaction", conversation=room, user="bob", emoji="\u2764\ufe0f")
    require(event["message"] == seq, "the reaction", event)
    await bob.ask("react", conversation=room, message=seq, emoji="\u2764\ufe0f", remove=True)
    event = await alice.expect("reaction", conversation=room, removed=True)
    now = await shown(alice, room, seq)
    require(now["reactions"] == {"\U0001f44d": {"count": 2, "mine": True}}, "counted, and mine", now)


async def inquiries(alice, bob, room, seq):
    """All that a message said, who reacted, and what a reply answers, as it is now."""
    versions = (await bob.ask("versions", conversation=room, message=seq))["items"]
    require([(v["body"], v["by"]) for v in versions] == [("tpyo", "alice"), ("typo", "alice")], "both versions", versions)
    reactions = (await bob.ask("reactions", conversation=room, message=seq))["items"]
    require(reactions == [{"emoji": "\U0001f44d", "user": "alice"}, {"emoji": "\U0001f44d", "user": "bob"}], "who reacted",
            reactions)
    reply = (await bob.ask("send", conversation=room, client_id="re", body="which?", reply_to=seq))["seq"]
    now = await shown(alice, room, reply)
    require(now["reply"] == {"message": seq, "from": "alice", "body": "typo"}, "what it answers", now)
    require("reply" not in await shown(alice, room, reply, "sync"), "as it was delivered")
    same = (await alice.ask("send", conversation=room, client_id="nfd", body="Cafe\u0301"))["seq"]
    require((await shown(bob, room, same))["body"] == "Caf\u00e9", "in one form")
    require(await alice.refusal("send", conversation=room, client_id="esc", body="a\u001b[31m") == "bad_request",
            "control characters are refused")


async def pins(alice, bob, room, seq):
    """One is pinned, everyone is told, and a search knows."""
    answer = await bob.ask("pin", conversation=room, message=seq, client_id="p1")
    event = await alice.expect("pinned", conversation=room, seq=answer["seq"])
    require((event["message"], event["by"]) == (seq, "bob"), "the pin", event)
    items = (await alice.ask("pins", conversation=room))["items"]
    require([(each["message"], each["by"]) for each in items] == [(seq, "bob")], "the list", items)
    hits = (await alice.ask("search", query="is:pinned"))["hits"]
    require([hit["seq"] for hit in hits] == [seq], "found by being pinned", hits)
    again = await bob.ask("pin", conversation=room, message=seq, client_id="p1")
    require(again["seq"] == answer["seq"], "a retry is no second pin", again)


async def a_deletion(alice, bob, room):
    """Nothing of it is left but a number; it is not unread."""
    before = (await bob.ask("list"))["items"][0]["unread"]
    seq = (await alice.send(room, "secret", SECRET))["seq"]
    edit = (await alice.ask("edit", conversation=room, message=seq, body=SECRET + "!"))["seq"]
    await bob.expect("edited", conversation=room, seq=edit)
    require((await bob.ask("list"))["items"][0]["unread"] == before + 1, "one more is unread")
    require(await alice.refusal("delete", conversation=room, message=seq) == "bad_request", "for whom?")
    require(await bob.refusal("delete", conversation=room, message=seq, **{"for": "everyone"}) == "forbidden",
            "a member deletes nobody else's")
    answer = await alice.ask("delete", conversation=room, message=seq, **{"for": "everyone"})
    event = await bob.expect("deleted", conversation=room, seq=answer["seq"])
    require((event["message"], event["by"]) == (seq, "alice"), "the deletion", event)
    require((await bob.ask("list"))["items"][0]["unread"] == before, "and nothing more is")
    return seq, edit


async def hiding(alice, bob, other, room):
    """What bob deletes for himself is gone on his devices, and alice still has it."""
    seq = (await alice.send(room, "hide", "an old joke"))["seq"]
    answer = await bob.ask("delete", conversation=room, message=seq, **{"for": "me"})
    require("seq" not in answer, "hiding has no number", answer)
    await other.expect("hidden", conversation=room, message=seq)
    require(seq not in [e["seq"] for e in (await bob.ask("history", conversation=room))["events"]], "gone from history")
    require((await shown(alice, room, seq))["body"] == "an old joke", "for bob alone")
    return seq


async def nothing_is_left(client, room, seqs):
    for seq in seqs:
        for how in ("history", "sync"):
            gone = await shown(client, room, seq, how)
            require(gone["deleted"] is True and "body" not in gone, "a tombstone", how, gone)
    page = await client.ask("history", conversation=room)
    require(SECRET not in str(page), "the text is gone from history", page)


async def for_oneself(alice, bob, other, room):
    """What bob sets, his other device is told, and alice is not."""
    answer = await bob.ask("set", conversation=room, archived=True, notify="mentions")
    require("seq" not in answer, "a setting has no number", answer)
    event = await other.expect("settings", conversation=room)
    require((event["archived"], event["notify"]) == (True, "mentions"), "the settings", event)
    require(not (await bob.ask("list"))["items"], "it is put away")
    require((await bob.ask("list", archived=True))["items"][0]["conversation"] == room, "and listed apart")
    await alice.send(room, "knock", "are you there?")
    require((await bob.ask("list"))["items"][0]["conversation"] == room, "a message brings it back")
    require(not [e for e in alice.seen + bob.seen if e["type"] == "settings"], "nobody else is told")


async def out_of_sight(alice, bob, other):
    """Bob hides his conversation with alice: he finds it again, or it comes back with a message."""
    pair = (await alice.ask("create", kind="direct", with_="bob"))["conversation"]
    await alice.send(pair, "first", "hello")
    await bob.ask("set", conversation=pair, hidden=True)
    event = await other.expect("settings", conversation=pair)
    require(event["hidden"] is True, "his other device is told", event)
    for archived in (False, True):
        listed = [item["conversation"] for item in (await bob.ask("list", archived=archived))["items"]]
        require(pair not in listed, "on no list", listed)
    hidden = (await bob.ask("list", hidden=True))["items"]
    require([(item["conversation"], item["hidden"]) for item in hidden] == [(pair, True)], "but the list of what is hidden", hidden)
    require(not (await alice.ask("list", hidden=True))["items"], "his alone")
    await alice.send(pair, "second", "are you there?")
    require((await bob.ask("list"))["items"][0]["conversation"] == pair, "a message brings it back")
    await bob.ask("set", conversation=pair, hidden=True)
    await bob.ask("set", conversation=pair, hidden=False)
    require((await bob.ask("list"))["items"][0]["conversation"] == pair, "and so does he")
    require(not (await bob.ask("list", hidden=True))["items"], "nothing is hidden any more")


async def a_run(alice, bob, room):
    """Several messages deleted by one command: an event each, and receipts of it."""
    sent = [(await alice.send(room, f"run{i}", f"number {i}"))["seq"] for i in range(4)]
    answer = await alice.ask("delete", conversation=room, message=sent[0], through=sent[3], client_id="run",
                             **{"for": "everyone"})
    events = [await bob.expect("deleted", conversation=room, message=seq) for seq in sent]
    require([event["seq"] for event in events] == list(range(answer["seq"] - 3, answer["seq"] + 1)), "numbers", events)
    again = await alice.ask("delete", conversation=room, message=sent[0], through=sent[3], client_id="run",
                            **{"for": "everyone"})
    require(again["seq"] == answer["seq"], "a retry gets its answer", again)
    receipt = shaped(await bob.ask("erasure", conversation=room, message=sent[1]), "erasure")
    require((receipt["from"], receipt["by"], receipt["versions"], receipt["seq"]) ==
            ("alice", "alice", 1, events[1]["seq"]), "a receipt", receipt)
    require(await bob.refusal("delete", conversation=room, message=1, through=500, **{"for": "me"}) == "too_large",
            "too many at once")
    return sent[1]


async def an_expiry(alice, bob, room):
    """A message that goes by itself, while others look on."""
    sent = await alice.ask("send", conversation=room, client_id="mist", body="mist", expires_in=2)
    event = await bob.expect("message", conversation=room, seq=sent["seq"])
    require(event["expires_at"] == sent["at"] + 2000, "when it goes", event)
    gone = await bob.expect("deleted", conversation=room, message=sent["seq"])
    require(gone["expired"] is True and gone["by"] == "alice" and gone["at"] >= event["expires_at"], "gone in time", gone)
    require("body" not in await shown(bob, room, sent["seq"]), "nothing is left of it")
    require(await alice.refusal("send", conversation=room, client_id="m0", body="x", expires_in=0) == "bad_request",
            "no life at all")
    return (await alice.ask("send", conversation=room, client_id="fog", body="fog", expires_in=2))["seq"]


async def a_thread(alice, bob, room):
    """Answers in a thread, in both encodings: what began it counts them."""
    root = (await alice.send(room, "question", "who comes along?"))["seq"]
    seqs = [(await who.ask("send", conversation=room, client_id=f"t{i}", body=f"answer {i}", thread=root))["seq"]
            for i, who in enumerate((bob, alice, bob))]
    event = await alice.expect("message", conversation=room, seq=seqs[0])
    require(event["thread"] == root, "an answer says whose thread it is in", event)
    replies = (await shown(alice, room, root))["replies"]
    require(replies == {"count": 3, "last": seqs[2], "participants": ["bob", "alice"]}, "the summary", replies)
    page = shaped(await bob.ask("thread", conversation=room, message=root, limit=2), "page")
    require([e["seq"] for e in page["events"]] == seqs[1:] and page["more"], "the newest of it", page)
    await bob.ask("read_thread", conversation=room, message=root, seq=seqs[2])
    require((await shown(bob, room, root))["replies"]["read"] == seqs[2], "how far bob has read")
    require(await bob.refusal("send", conversation=room, client_id="t9", body="x", thread=seqs[0]) == "bad_request",
            "no thread in a thread")
    return root, seqs[2]


async def a_late_comer(alice, server, tokens, room):
    """Who joins a conversation that shows no past."""
    early = (await alice.send(room, "early", "before carol's time"))["seq"]
    await alice.ask("update", conversation=room, history="joined")
    joined = (await alice.ask("add", conversation=room, users=["carol"]))["seq"]
    carol = await Client.open(server, tokens["carol"], "json")
    page = await carol.ask("history", conversation=room)
    require(page["first"] == joined and not page["more"], "history begins where she joined", page)
    require((await carol.ask("sync", conversation=room, after=0))["first"] == joined, "and so does sync")
    require(await carol.refusal("versions", conversation=room, message=early) == "not_found", "no versions of it")
    require(not (await carol.ask("search", query="carol"))["hits"], "nor is it found")
    require((await alice.ask("search", query="carol"))["hits"], "but by who was there")
    await alice.ask("remove", conversation=room, user="carol")
    await carol.close()


async def short_windows(tokens_of):
    """Where the operator lets authors edit for a second and delete for ever."""
    with data_directory() as data:
        server = Server(data)
        await server.start("--edit-window", "1s", "--delete-window", "0")
        tokens = await server.tokens(tokens_of)
        bob = await Client.open(server, tokens["bob"], "json")
        limits = bob.welcome["limits"]
        require((limits["edit_ms"], limits["delete_ms"]) == (1000, 0), "the windows are told", limits)
        room = (await bob.ask("create", kind="direct", with_="alice"))["conversation"]
        seq = (await bob.send(room, "w1", "quick"))["seq"]
        for i in range(80):
            answer = await bob.answer("edit", conversation=room, message=seq, body=f"quick {i}")
            if answer["type"] == "error":
                break
            await asyncio.sleep(0.05)
        require(answer.get("code") == "forbidden" and "1 second" in answer["message"], "then it is too late", i, answer)
        require((await bob.ask("delete", conversation=room, message=seq, **{"for": "everyone"}))["type"] == "ok", "but not to delete")
        await bob.drop()
        await server.stop()
        await server.check()


async def main():
    await short_windows(["alice", "bob"])
    with data_directory() as data:
        server = Server(data)
        await server.start()
        tokens = await server.tokens(["alice", "bob", "carol"])
        alice = await Client.open(server, tokens["alice"], "msgpack")
        bob = await Client.open(server, tokens["bob"], "json")
        cursor = bob.welcome["cursor"]
        room = (await alice.ask("create", kind="group", members=["bob"]))["conversation"]
        edited = await an_edit(alice, bob, room)
        await reactions(alice, bob, room, edited)
        await inquiries(alice, bob, room, edited)
        await pins(alice, bob, room, edited)
        erased = await a_deletion(alice, bob, room)
        await nothing_is_left(bob, room, erased)
        deleted = await a_run(alice, bob, room)
        question, answer = await a_thread(alice, bob, room)
        await a_late_comer(alice, server, tokens, room)
        expiring = await an_expiry(alice, bob, room)
        other = await Client.open(server, tokens["bob"], "json")
        await for_oneself(alice, bob, other, room)
        await out_of_sight(alice, bob, other)
        hidden = await hiding(alice, bob, other, room)
        count = all_shaped(other.seen)
        await other.drop()
        count += all_shaped(alice.seen) + all_shaped(bob.seen)
        for client in (alice, bob):
            await client.drop()
        await server.kill()
        await server.start()
        bob = await Client.open(server, tokens["bob"], "msgpack", since=cursor)
        await bob.expect("synced")
        await bob.expect("hidden", conversation=room, message=hidden)
        require(SECRET not in str(bob.seen), "who was away is not told either", bob.seen)
        await nothing_is_left(bob, room, erased)
        await asyncio.sleep(2)
        require("body" not in await shown(bob, room, expiring), "what was to go while the server was down has gone")
        require("compacted_at" not in await bob.ask("erasure", conversation=room, message=deleted), "it is in files yet")
        await server.tool("compact", "--data", str(data))
        receipt = shaped(await bob.ask("erasure", conversation=room, message=deleted), "erasure")
        require(receipt["compacted_at"] >= receipt["at"], "since when it is in no file", receipt)
        replies = (await shown(bob, room, question))["replies"]
        require((replies["count"], replies["last"], replies["read"]) == (3, answer, answer), "a thread after a kill", replies)
        now = await shown(bob, room, edited)
        require((now["body"], now["edits"]) == ("typo", 1), "the edit after a kill", now)
        require(now["reactions"] == {"\U0001f44d": {"count": 2, "mine": True}}, "the reactions after a kill", now)
        count += all_shaped(bob.seen)
        await server.stop()
        await server.check()
    done("envelopes about edits, deletion and reactions, in both encodings, through a kill", count)


if __name__ == "__main__":
    run(main)
