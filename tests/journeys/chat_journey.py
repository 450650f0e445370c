# People chat: every command and event of a conversation's life, in both encodings and between them.
import time

from client import Client, encode
from shapes import all_shaped, member_roles, numbers, shaped
from support import PATIENCE, done, eventually, require, run, serving

USERS = ["alice", "bob", "carol", "dave", "erin"]
ENCODINGS = ("msgpack", "json")


class Party:
    """A server with its users' tokens."""

    def __init__(self, server, tokens, tag):
        self.server = server
        self.tokens = tokens
        self.tag = tag  # keeps the conversations of one round apart from those of the next

    async def enter(self, user, encoding="msgpack", **how):
        return await Client.open(self.server, self.tokens[user + self.tag], encoding, **how)

    def user(self, name):
        return name + self.tag


async def introduced(client, made, title=None, joined_at=None):
    """The two events a new member gets: the conversation, then `joined`."""
    conversation = made["conversation"]
    told = shaped(await client.expect("conversation", conversation=conversation))
    joined = shaped(await client.expect("joined", conversation=conversation))
    require("ref" not in told, "an event has no ref", told)
    require(client.seen.index(told) < client.seen.index(joined), "the conversation comes before `joined`")
    require(told.get("title") == title, "the title is told", told)
    require(joined_at is None or joined["seq"] == joined_at, "`joined` has its number", joined, joined_at)
    return joined


async def say_hello(party, encoding):
    alice = await party.enter("alice", encoding, device="phone")
    welcome = shaped(alice.welcome, "welcome")
    require(welcome["user"] == party.user("alice") and welcome["device"] == "phone", "who it is", welcome)
    require({"name", "version", "durability"} <= welcome["server"].keys(), "what the server is", welcome)
    require(welcome["server"]["durability"] == "local-fsync", "how durable it is", welcome)
    require({"frame_bytes", "body_bytes", "page"} <= welcome["limits"].keys(), "the limits", welcome)
    require(welcome["ping_ms"] > 0 and welcome["epoch"] and welcome["cursor"], "ping, epoch, cursor", welcome)
    require(await alice.refusal("hello", token=party.tokens["alice" + party.tag]) == "bad_request", "one hello only")
    tablet = await party.enter("alice", encoding)
    require(tablet.welcome["device"] and tablet.welcome["session"] != welcome["session"], "sessions differ")
    require(tablet.welcome["epoch"] == welcome["epoch"], "one epoch")
    return alice, tablet


async def chat_directly(alice, tablet, bob, party):
    """A direct conversation: one per pair, seen by every device."""
    pair = {party.user("alice"), party.user("bob")}
    made = shaped(await alice.ask("create", kind="direct", with_=party.user("bob")), "conversation")
    require(made["kind"] == "direct" and made["seq"] == 1, "a direct conversation begins", made)
    require(member_roles(made["members"]).keys() == pair, "both are members", made)
    for client in (alice, tablet, bob):
        joined = await introduced(client, made, joined_at=1)
        require(member_roles(joined["users"]).keys() == pair, "the first event names all members", joined)
    again = shaped(await bob.ask("create", kind="direct", with_=party.user("alice")), "conversation")
    require(again["conversation"] == made["conversation"], "one conversation for the pair, whoever asks", again)
    await speak(alice, [alice, tablet, bob], made["conversation"], "hello bob", 2)
    await speak(bob, [alice, tablet, bob], made["conversation"], "hello alice ✓ \U0001f600 \u2028 \"quoted\"\n\t\\", 3)
    for command, fields in (("add", {"users": [party.user("carol")]}), ("leave", {}),
                            ("remove", {"user": party.user("alice")})):
        code = await bob.refusal(command, conversation=made["conversation"], **fields)
        require(code == "forbidden", f"{command} is not for direct conversations", code)
    for fields in ({}, {"with": party.user("bob")}, {"with": party.user("alice"), "members": []}):
        code = await bob.refusal("create", kind="direct", **fields)
        require(code == "bad_request", "a direct conversation needs another user", fields, code)
    return made["conversation"]


async def speak(sender, readers, conversation, body, seq):
    """One message: its answer, and the same event for every reader."""
    before = time.time() * 1000 - 5000
    sent = shaped(await sender.send(conversation, f"{seq}-{body[:9]}", body), "sent")
    require((sent["seq"], sent["client_id"]) == (seq, f"{seq}-{body[:9]}"), "the answer to send", sent)
    require(before < sent["at"] < time.time() * 1000 + 5000, "`at` is now in milliseconds", sent)
    for reader in readers:
        event = shaped(await reader.expect_message(conversation, body))
        expected = {"type": "message", "conversation": conversation, "seq": seq, "at": sent["at"],
                    "from": sender.welcome["user"], "client_id": sent["client_id"], "body": body}
        require(event == expected, "every reader gets the message", event, expected)
        if reader is sender:
            require(reader.seen.index(sent) < reader.seen.index(event), "`sent` comes before the sender's `message`")


async def keep_a_group(alice, bob, carol, dave, party):
    """A group: create, add, remove, leave, with every member told in order."""
    title = "Ünïted ⚑"
    made = shaped(await alice.ask("create", kind="group", title=title, members=[party.user("bob")]))
    group = made["conversation"]
    roles = member_roles(made["members"])
    require(roles == {party.user("alice"): "owner", party.user("bob"): "member"}, "creator and members", made)
    require(made["title"] == title and made["kind"] == "group", "title and kind", made)
    for client in (alice, bob):
        await introduced(client, made, title, 1)
    await speak(bob, [alice, bob], group, "before carol", 2)

    added = shaped(await bob.ask("add", conversation=group, users=[party.user("carol"), party.user("dave")]), "ok")
    require(added["seq"] == 3, "`add` is one event", added)
    for client in (carol, dave):
        joined = await introduced(client, made, title, 3)
        require(member_roles(joined["users"]) == {party.user("carol"): "member", party.user("dave"): "member"},
                "`joined` names those who joined", joined)
    for client in (alice, bob):
        shaped(await client.expect("joined", conversation=group, seq=3, by=party.user("bob")))
        require(not client.untaken("conversation", conversation=group), "old members get only `joined`")
    again = shaped(await bob.ask("add", conversation=group, users=[party.user("carol")]), "ok")
    require(again["seq"] == 3, "adding a member again changes nothing", again)

    gone = shaped(await alice.ask("remove", conversation=group, user=party.user("dave")), "ok")
    for client in (alice, bob, carol, dave):
        left = shaped(await client.expect("left", conversation=group))
        require((left["seq"], left["user"], left["by"]) == (gone["seq"], party.user("dave"), party.user("alice")),
                "`left` says who and by whom", left)
    left = shaped(await carol.ask("leave", conversation=group), "ok")
    for client in (alice, bob, carol):
        event = await client.expect("left", conversation=group, user=party.user("carol"))
        require(event["seq"] == left["seq"] and event["by"] == party.user("carol"), "leaving is by oneself", event)
    await speak(alice, [alice, bob], group, "only two now", 6)
    await fence(alice, (carol, dave), party)
    for client in (carol, dave):
        require(not client.untaken("message", "left", "joined", conversation=group), "`left` was the last event")
    return group


async def fence(sender, readers, party):
    """Makes sure that everything committed so far has reached the readers: events come in one order."""
    names = [reader.welcome["user"] for reader in readers]
    made = await sender.ask("create", kind="group", members=names)
    for reader in readers:
        await reader.expect("joined", conversation=made["conversation"])


async def read_back(alice, group, party):
    """get, members, history, sync and list, with their limits."""
    facts = shaped(await alice.ask("get", conversation=group), "conversation")
    require(facts["seq"] == 6 and member_roles(facts["members"]).keys() == {party.user("alice"), party.user("bob")},
            "get gives the facts of now", facts)
    for number in range(7, 31):
        await alice.send(group, f"n{number}", f"number {number}")
    everything = await alice.pull(group, 0)
    require(numbers(everything) == list(range(1, 31)), "sync gives every event", numbers(everything))

    async def page(**fields):
        got = shaped(await alice.ask("history", conversation=group, **fields), "page")
        found = numbers(got["events"])
        require(got["events"] == everything[found[0] - 1:found[-1]] if found else True, "as delivered", got)
        ends = (found[0], found[-1]) if found else (0, 0)
        require(not found or (got["first"], got["last"]) == ends, "first and last", got)
        return found, got["more"]

    expected = [
        ({}, range(1, 31), False), ({"limit": 5}, range(26, 31), True),
        ({"before": 10, "limit": 3}, range(7, 10), True), ({"before": 3}, range(1, 3), False),
        ({"before": 1}, [], False), ({"after": 10, "limit": 3}, range(11, 14), True),
        ({"after": 27}, range(28, 31), False), ({"after": 30}, [], False), ({"after": 0, "limit": 2}, range(1, 3), True),
        ({"limit": 10**6}, range(1, 31), False), ({"before": 10**9, "limit": 1}, [30], True),
    ]
    for fields, wanted, more in expected:
        got = await page(**fields)
        require(got == (list(wanted), more), "a page of history", fields, got)
    for middle in (1, 15, 30):
        found, _ = await page(around=middle, limit=5)
        require(middle in found and len(found) <= 5, "a page around a number", middle, found)
    require(await alice.refusal("history", conversation=group, before=5, after=5) == "bad_request", "one anchor")
    some = await alice.ask("sync", conversation=group, after=28)
    require(numbers(some["events"]) == [29, 30] and not some["more"], "sync after a number", some)
    few = await alice.ask("sync", conversation=group, after=3, limit=4)
    require(numbers(few["events"]) == [4, 5, 6, 7] and few["more"], "sync with a limit", few)
    done("history, sync, get: pages and their ends", len(expected) + 7)


async def page_members(alice, group, party):
    roles, cursor, pages = {}, None, 0
    while pages == 0 or cursor:
        fields = {"cursor": cursor} if cursor else {}
        answer = shaped(await alice.ask("members", conversation=group, limit=1, **fields), "members")
        require(len(answer["items"]) <= 1, "limit counts members", answer)
        for item in answer["items"]:
            require(item["joined"] > 0, "when a member joined", item)
        roles |= member_roles(answer["items"])
        cursor, pages = answer.get("cursor"), pages + 1
        require(pages < 10, "paging ends")
    require(roles == {party.user("alice"): "owner", party.user("bob"): "member"}, "all members", roles)


async def list_everything(bob, direct, group):
    whole = shaped(await bob.ask("list"), "conversations")["items"]
    by_id = {item["conversation"]: item for item in whole}
    require({direct, group} <= by_id.keys(), "the list has them all", whole)
    last = by_id[group]["last"]
    require(last["type"] == "message" and last["body"] == "number 30" and last["seq"] == 30, "last message", last)
    require(by_id[group]["seq"] == 30 and by_id[group]["kind"] == "group", "an item's facts", by_id[group])
    require(by_id[direct]["kind"] == "direct", "an item's kind", by_id[direct])
    paged, cursor = [], None
    while not paged or cursor:
        answer = await bob.ask("list", limit=1, **({"cursor": cursor} if cursor else {}))
        require(len(answer["items"]) <= 1 and len(paged) <= len(whole), "limit counts items", answer)
        paged += answer["items"]
        cursor = answer.get("cursor")
    require(paged == whole, "pages of the list add up to the whole", len(paged), len(whole))
    order = [item["conversation"] for item in whole]
    require(order.index(group) < order.index(direct), "the most recently changed first", order)


async def odds_and_ends(alice, party, encoding, group):
    """ping, refresh, refs, no refs, several envelopes at once, unknown keys, errors."""
    for ref in (1, 0, -5, 2**53 - 1, "a text", "ü", "x" * 100):
        pong = shaped(await alice.answer("ping", ref=ref), "pong")
        require(pong["ref"] == ref, "the ref is echoed", pong, ref)
    shaped(await alice.ask("refresh", token=party.tokens["alice" + party.tag]), "ok")
    require(await alice.refusal("refresh", token=party.tokens["bob" + party.tag]) == "forbidden", "another's token")
    require(await alice.refusal("refresh", token="rubbish") == "unauthenticated", "no token")

    await alice.tell("ping")
    await alice.tell("send", conversation=group, client_id="quiet", body="no ref")
    quiet = await alice.expect_message(group, "no ref")
    require(not alice.untaken("sent", "pong", "ok"), "without ref there is no answer", alice.inbox)
    await alice.tell("frobnicate")
    error = shaped(await alice.expect("error"))
    require(error["code"] == "unknown_type" and "ref" not in error, "an error is told all the same", error)

    batch = [{"type": "send", "conversation": group, "client_id": f"b{i}", "body": f"batch {i}", "later": [1, {}]}
             for i in range(50)]
    answers = await alice.answers(batch + [{"type": "history", "conversation": group, "limit": 50}])
    first = quiet["seq"] + 1
    require(numbers(answers[:50]) == list(range(first, first + 50)), "commands take effect in order", numbers(answers[:50]))
    require(numbers(answers[50]["events"]) == numbers(answers[:50]), "and a later one sees the effect")
    for i in range(50):
        await alice.expect_message(group, f"batch {i}")
    require(alice.messages_read < len(alice.seen), "several envelopes in one message from the server",
            alice.messages_read, len(alice.seen))

    wrong = [("frobnicate", {}, "unknown_type"), ("send", {"conversation": group}, "bad_request"),
             ("send", {"conversation": group, "client_id": "e", "body": 5}, "bad_request"),
             ("send", {"conversation": group, "client_id": "", "body": "x"}, "bad_request"),
             ("send", {"conversation": group, "client_id": "x" * 129, "body": "x"}, "bad_request"),
             ("send", {"conversation": group, "client_id": "big", "body": "x" * 16385}, "too_large"),
             ("send", {"conversation": "nowhere", "client_id": "e", "body": "x"}, "not_found"),
             ("history", {"conversation": "nowhere"}, "not_found"), ("get", {}, "bad_request"),
             ("create", {"kind": "party"}, "bad_request"), ("create", {}, "bad_request"),
             ("history", {"conversation": group, "limit": -1}, "bad_request"),
             ("history", {"conversation": group, "before": "x"}, "bad_request"),
             ("add", {"conversation": group, "users": "bob"}, "bad_request"),
             ("remove", {"conversation": group, "user": "nobody here"}, "not_found")]
    for command, fields, code in wrong:
        told = shaped(await alice.answer(command, **fields), "error")
        require(told["code"] == code, f"{command} is refused with {code}", fields, told)
    biggest = "é" * 8192
    sent = await alice.send(group, "biggest", biggest)
    require((await alice.expect_message(group, biggest))["seq"] == sent["seq"], "a body of the full 16 KiB")
    done(f"refs, batches, errors ({encoding})", 7 + 50 + len(wrong) + 6)


async def use_a_channel(alice, bob, party):
    """A channel: readers read, owners write."""
    made = await alice.ask("create", kind="channel", title="News", members=[party.user("bob")])
    channel = made["conversation"]
    require(member_roles(made["members"]) == {party.user("alice"): "owner", party.user("bob"): "reader"},
            "others are readers", made)
    await introduced(bob, made, "News", 1)
    await alice.send(channel, "n1", "news")
    await bob.expect_message(channel, "news")
    for command, fields in (("send", {"client_id": "x", "body": "x"}), ("add", {"users": ["x"]}),
                            ("remove", {"user": party.user("alice")})):
        code = await bob.refusal(command, conversation=channel, **fields)
        require(code == "forbidden", f"a reader may not {command}", code)


async def checkpoints_come(client):
    """A checkpoint follows events within a second or so."""
    await eventually(lambda: client.untaken("checkpoint"), "a checkpoint after events", PATIENCE)


async def converse(server, first, second):
    """One whole round with two encodings."""
    tag = f"-{first}-{second}"
    party = Party(server, await server.tokens([user + tag for user in USERS]), tag)
    alice, tablet = await say_hello(party, first)
    bob, carol, dave = [await party.enter(user, second) for user in ("bob", "carol", "dave")]
    direct = await chat_directly(alice, tablet, bob, party)
    group = await keep_a_group(alice, bob, carol, dave, party)
    done(f"direct and group conversations, {first} with {second}", 2)
    await read_back(alice, group, party)
    await page_members(alice, group, party)
    await list_everything(bob, direct, group)
    await odds_and_ends(alice, party, first, group)
    await use_a_channel(alice, bob, party)
    await checkpoints_come(bob)
    shown = 0
    for client in (alice, tablet, bob, carol, dave):
        shown += all_shaped(client.seen)
        await client.close()
        require(client.socket.close_code == 1000, "a closing handshake", client.socket.close_code)
    done(f"answers and events have their shape, {first} with {second}", shown)


async def ways_in(server):
    """No subprotocol means JSON; a bearer header stands in for the token."""
    token = await server.token("walter")
    plain = await Client.connect(server, "json", offer=[])
    require(plain.socket.subprotocol is None, "nothing offered, nothing chosen")
    shaped(await plain.hello(token), "welcome")
    bearer = await Client.connect(server, "msgpack", headers={"Authorization": f"Bearer {token}"})
    require((await bearer.hello())["user"] == "walter", "the bearer is who is asking")
    both = await Client.connect(server, "msgpack", offer=["parley.v9.xml", "parley.v1.json", "parley.v1.msgpack"])
    require(both.socket.subprotocol in ("parley.v1.json", "parley.v1.msgpack"), "a known one is chosen",
            both.socket.subprotocol)
    both.encoding = both.socket.subprotocol.rpartition(".")[2]
    await both.hello(token)
    lines = await Client.open(server, token, "json")
    await lines.write_raw(encode("json", [{"type": "ping", "ref": "a"}, {"type": "ping", "ref": "b"}]) + "\n")
    for ref in ("a", "b"):
        await lines.expect("pong", ref=ref)
    for client in (plain, bearer, both, lines):
        await client.close()
    done("ways to connect: no subprotocol, bearer header, several offered, lines of JSON", 4)


async def main():
    async with serving() as server:
        for first in ENCODINGS:
            for second in ENCODINGS:
                await converse(server, first, second)
        await ways_in(server)


if __name__ == "__main__":
    run(main)
