# Unread, ticks and mentions on three devices each, through kills of clients and of the server.
import asyncio
import random

from client import Client
from shapes import all_shaped
from support import data_directory, done, require, run, Server, eventually

PEOPLE = ["alice", "bob", "carol"]


async def devices(server, tokens, user, since=None):
    """Three connections of one user, in both encodings."""
    encodings = ("msgpack", "json", "msgpack")
    return [await Client.open(server, tokens[user], encoding, device=f"{user}-{i}", since=since)
            for i, encoding in enumerate(encodings)]


async def counts(client, conversation):
    """(read, unread, mentions) as the list says."""
    for item in (await client.ask("list", limit=100))["items"]:
        if item["conversation"] == conversation:
            return item["read"], item["unread"], item["mentions"]
    return None


def ticks(client, conversation, user):
    """The newest (delivered, read) of a user that this device was shown."""
    shown = [e for e in client.seen if e["type"] == "receipt" and e["conversation"] == conversation and e["user"] == user]
    return (shown[-1]["delivered"], shown[-1]["read"]) if shown else None


async def see_the_same(people, conversation, user, wanted):
    """Every device of everyone comes to show these cursors of the user."""
    for client in (c for all_of_one in people.values() for c in all_of_one):
        await eventually(lambda: ticks(client, conversation, user) == wanted, f"{user}'s ticks {wanted}")


async def a_talk(people, conversation):
    """sent -> delivered -> read, as the sender's devices and everyone else's see it."""
    alice, bob, carol = (people[user] for user in PEOPLE)
    sent = await alice[0].ask("send", conversation=conversation, client_id="m1", body="hello", mentions=["bob"])
    seq = sent["seq"]
    for client in bob:
        await client.expect("message", conversation=conversation, seq=seq)
    require(await counts(bob[2], conversation) == (1, 1, 1), "one unread, one mention")
    require((await bob[0].ask("delivered", conversation=conversation, seq=seq))["type"] == "ok", "delivered")
    await see_the_same(people, conversation, "bob", (seq, 1))
    await bob[1].ask("read", conversation=conversation, seq=seq)
    await see_the_same(people, conversation, "bob", (seq, seq))
    for client in bob:
        require(await counts(client, conversation) == (seq, 0, 0), "read on one device is read on all")
    require(await counts(carol[0], conversation) == (1, 1, 0), "carol has not read it and is not mentioned")
    require(await counts(alice[1], conversation) == (1, 0, 0), "one's own message is not unread")
    who = (await alice[2].ask("receipts", conversation=conversation, message=seq))["items"]
    require([each["user"] for each in who] == ["bob"] and who[0]["delivered_at"] <= who[0]["read_at"], "who has it", who)
    require(await bob[0].refusal("read", conversation=conversation, seq=seq + 1) == "bad_request", "nothing is there yet")
    return seq


async def through_kills(server, tokens, people, conversation, rounds):
    """Devices and the server are killed between moves; whatever was answered still stands."""
    chance = random.Random(7)
    read = {user: (await counts(people[user][0], conversation))[0] for user in PEOPLE}
    wrote = []  # (seq, user)
    head = (await people["alice"][0].ask("get", conversation=conversation))["seq"]
    for i in range(rounds):
        user = chance.choice(PEOPLE)
        mine = chance.choice(people[user])
        if chance.random() < 0.5:
            sent = await mine.ask("send", conversation=conversation, client_id=f"k{i}", body="x")
            wrote.append((sent["seq"], user))
            head = sent["seq"]
        elif chance.random() < 0.2:
            to = chance.randint(1, head)
            await mine.ask("unread", conversation=conversation, seq=to)
            read[user] = max(to - 1, 1)
        else:
            to = chance.randint(1, head)
            await mine.ask("read", conversation=conversation, seq=to)
            read[user] = max(read[user], to)
        if i % 10 == 5:
            index = chance.randrange(3)
            victim = people[user][index]
            await victim.drop()
            people[user][index] = await Client.open(server, tokens[user], victim.encoding, since=victim.cursor,
                                                    device=f"{user}-{index}")
        if i % 25 == 20:
            await server.kill()
            await server.start()
            for name in PEOPLE:
                for index, client in enumerate(people[name]):
                    await client.gone()
                    people[name][index] = await Client.open(server, tokens[name], client.encoding,
                                                            since=client.cursor, device=f"{name}-{index}")
                    await people[name][index].expect("synced")
    for user in PEOPLE:
        unread = sum(1 for seq, by in wrote if by != user and seq > read[user])
        for client in people[user]:
            require(await counts(client, conversation) == (read[user], unread, 0), "counts after the kills", user,
                    await counts(client, conversation), (read[user], unread))
    return head, read


async def the_last_receipts(server, tokens, people, conversation, head):
    """Who was away is told on its return where everyone stands now."""
    away = people["carol"].pop()
    await away.drop()
    for user in ("alice", "bob"):
        await people[user][0].ask("read", conversation=conversation, seq=head)
    back = await Client.open(server, tokens["carol"], "json", since=away.cursor)
    await back.expect("synced")
    for user in ("alice", "bob"):
        require(ticks(back, conversation, user) == (head, head), "told on return", user, ticks(back, conversation, user))
    people["carol"].append(back)


async def in_private(people, conversation):
    """Read without being seen to: one's own devices know, nobody else does."""
    alice, bob = people["alice"], people["bob"]
    seen = (await bob[0].ask("devices", conversation=conversation))["shown"]
    seq = (await alice[0].ask("send", conversation=conversation, client_id="secret", body="x"))["seq"]
    await bob[1].expect("message", conversation=conversation, seq=seq)
    await bob[0].ask("delivered", conversation=conversation, seq=seq)
    await eventually(lambda: ticks(alice[0], conversation, "bob") == (seq, seen), "alice sees that bob has it")
    await bob[1].ask("read", conversation=conversation, seq=seq, private=True)
    for client in bob:
        await eventually(lambda: ticks(client, conversation, "bob") == (seq, seq), "bob's own devices are told")
        require((await counts(client, conversation))[1] == 0, "nothing is unread")
    who = {each["user"]: each for each in (await alice[0].ask("receipts", conversation=conversation, message=seq))["items"]}
    require("read_at" not in who["bob"], "bob is not seen to have read it", who)
    told = await bob[2].ask("devices", conversation=conversation)
    mine = {each["device"]: (each["delivered"], each["read"]) for each in told["items"]}
    require((told["delivered"], told["read"], told["shown"]) == (seq, seq, seen), "all of bob's devices together", told)
    require(mine["bob-0"][0] == seq and mine["bob-1"] == (seq, seq), "each of them", mine)
    require(ticks(alice[0], conversation, "bob") == (seq, seen), "alice was told nothing")
    await bob[0].ask("read", conversation=conversation, seq=seq)
    await eventually(lambda: ticks(alice[0], conversation, "bob") == (seq, seq), "until bob says so")


async def switched_off_and_blocked(people, conversation):
    """Who has switched receipts off is not seen to read; of two between whom stands a block neither is told of the other."""
    alice, bob, carol = people["alice"], people["bob"], people["carol"]
    seq = (await alice[0].ask("send", conversation=conversation, client_id="switch", body="x"))["seq"]
    shown = (await bob[0].ask("devices", conversation=conversation))["shown"]
    await bob[0].ask("preferences", receipts=False)
    await bob[1].ask("read", conversation=conversation, seq=seq)
    await eventually(lambda: ticks(bob[2], conversation, "bob") == (seq, seq), "bob's own devices are told")
    await eventually(lambda: ticks(alice[0], conversation, "bob") == (seq, shown), "alice is told that he has it, no more")
    await bob[0].ask("preferences", receipts=True)
    await bob[1].ask("read", conversation=conversation, seq=seq)
    await eventually(lambda: ticks(alice[0], conversation, "bob") == (seq, seq), "until he lets her know again")
    await alice[0].ask("block", user="carol")
    before = ticks(alice[0], conversation, "carol")
    await carol[0].ask("read", conversation=conversation, seq=seq)
    await eventually(lambda: ticks(bob[0], conversation, "carol") == (seq, seq), "bob is told of carol")
    who = [each["user"] for each in (await alice[1].ask("receipts", conversation=conversation, message=seq))["items"]]
    require(ticks(alice[0], conversation, "carol") == before and "carol" not in who, "alice is not", who)
    await alice[0].ask("unblock", user="carol")
    who = [each["user"] for each in (await alice[1].ask("receipts", conversation=conversation, message=seq))["items"]]
    require("carol" in who, "and may ask again afterwards", who)


async def after_a_rejoin(people, conversation):
    """Taken out and back in: unread starts at the new join."""
    alice, bob = people["alice"][0], people["bob"][0]
    await alice.ask("remove", conversation=conversation, user="bob")
    require(await bob.refusal("read", conversation=conversation, seq=1) == "not_found", "an ex-member is a stranger")
    await alice.ask("send", conversation=conversation, client_id="while-out", body="x")
    joined = await alice.ask("add", conversation=conversation, users=["bob"])
    require(await counts(bob, conversation) == (joined["seq"], 0, 0), "nothing of before is unread")
    await alice.ask("send", conversation=conversation, client_id="again-in", body="x", mentions=["@all"])
    require(await counts(bob, conversation) == (joined["seq"], 1, 1), "what came since is")


async def many_readers(server, tokens, owner):
    """A hundred and more members: receipts stay with their own devices, and cost one record for many."""
    names = [f"reader{i}" for i in range(120)]
    tokens.update(await server.tokens(names))
    made = (await owner.ask("create", kind="channel", members=names))["conversation"]
    await owner.ask("send", conversation=made, client_id="n1", body="news")
    readers = await asyncio.gather(*(Client.open(server, tokens[name]) for name in names[:40]))
    second = await Client.open(server, tokens[names[0]])
    await asyncio.gather(*(reader.ask("read", conversation=made, seq=2) for reader in readers))
    await eventually(lambda: ticks(second, made, names[0]) == (2, 2), "one's own other device is told")
    page = await owner.ask("receipts", conversation=made, message=2, limit=25)
    more = await owner.ask("receipts", conversation=made, message=2, limit=25, cursor=page["cursor"])
    counted = await owner.ask("receipts", conversation=made, message=2, limit=1, counts=True)
    require(counted["counts"] == {"delivered": 40, "read": 40, "of": 120}, "and how many have it", counted)
    users = [each["user"] for each in page["items"] + more["items"]]
    require(sorted(users) == sorted(names[:40]) and "cursor" not in more, "who has it, page by page", users)
    await owner.ask("ping")
    shown = [e for e in owner.seen if e["type"] == "receipt" and e["conversation"] == made]
    require(not shown, "nobody else is told", shown)
    for client in (*readers, second):
        await client.drop()


async def main():
    with data_directory() as data:
        server = Server(data)
        await server.start()
        tokens = await server.tokens(PEOPLE)
        people = {user: await devices(server, tokens, user) for user in PEOPLE}
        made = await people["alice"][0].ask("create", kind="group", members=["bob", "carol"])
        conversation = made["conversation"]
        await a_talk(people, conversation)
        fresh = (await people["alice"][0].ask("create", kind="group", members=["bob", "carol"]))["conversation"]
        head, _ = await through_kills(server, tokens, people, fresh, 200)
        await the_last_receipts(server, tokens, people, fresh, head)
        await in_private(people, fresh)
        await switched_off_and_blocked(people, fresh)
        await after_a_rejoin(people, fresh)
        await many_readers(server, tokens, people["alice"][0])
        shaped = sum(all_shaped(client.seen) for all_of_one in people.values() for client in all_of_one)
        await server.stop()
        await server.check()
    done("moves of cursors on nine devices, through kills of clients and server", 200)
    done("envelopes in shape", shaped)


if __name__ == "__main__":
    run(main)
