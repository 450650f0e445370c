# Retries: the same client_id has one effect and one answer, over reconnects, restarts and crashes.
import asyncio

from client import Client
from shapes import member_roles, numbers
from support import Server, data_directory, done, require, run

KEYS_IN_MEMORY = 256  # beyond these a key is looked up in the store


def unreferenced(answer):
    return {key: value for key, value in answer.items() if key != "ref"}


class Retries:
    """Remembers first answers, and asks again."""

    def __init__(self):
        self.first = []  # (user, command, answer)
        self.asked = 0

    async def ask(self, client, command):
        answer = await client.answer(**dict(command))
        require(answer["type"] != "error", "the first time it works", command, answer)
        self.first.append((client.welcome["user"], command, unreferenced(answer)))
        return answer

    async def ask_again(self, clients, when):
        """Every command once more: each must get its first answer."""
        for user, command, answer in self.first:
            again = unreferenced(await clients[user].answer(**dict(command)))
            require(again == answer, f"a retry {when} gets the first answer", command, answer, again)
            self.asked += 1


def command_send(conversation, client_id, body):
    return {"type": "send", "conversation": conversation, "client_id": client_id, "body": body}


async def enter(server, tokens, encoding="msgpack"):
    return {user: await Client.open(server, token, encoding) for user, token in tokens.items()}


async def head(client, conversation):
    return (await client.ask("get", conversation=conversation))["seq"]


async def first_time(clients, retries):
    """One of every changing command; returns the group."""
    alice, bob, carol = (clients[user] for user in ("alice", "bob", "carol"))
    made = await retries.ask(alice, {"type": "create", "kind": "group", "title": "T", "members": ["bob", "carol"],
                                     "client_id": "k1"})
    group = made["conversation"]
    await retries.ask(alice, {"type": "create", "kind": "direct", "with": "bob", "client_id": "k2"})
    await retries.ask(bob, {"type": "create", "kind": "channel", "client_id": "k1"})
    await retries.ask(alice, command_send(group, "k1", "alice's k1"))
    await retries.ask(bob, command_send(group, "k1", "bob's k1"))
    await retries.ask(alice, {"type": "add", "conversation": group, "users": ["dave"], "client_id": "k3"})
    await retries.ask(alice, {"type": "remove", "conversation": group, "user": "dave", "client_id": "k4"})
    await retries.ask(carol, command_send(group, "k9", "carol's last words"))
    await retries.ask(carol, {"type": "leave", "conversation": group, "client_id": "k5"})
    await retries.ask(bob, command_send(group, "k6", "after carol"))
    return group


async def nothing_changed(clients, group, expected):
    """No retry had a second effect."""
    require(await head(clients["alice"], group) == expected, "no retry has a second effect",
            await head(clients["alice"], group), expected)
    facts = await clients["alice"].ask("get", conversation=group)
    require(member_roles(facts["members"]).keys() == {"alice", "bob"}, "nobody came back", facts["members"])


async def conflicts(clients, group):
    """The same client_id with other content; whoever left is a stranger for anything new."""
    alice, carol = clients["alice"], clients["carol"]
    other = [command_send(group, "k1", "something else"),
             {"type": "create", "kind": "group", "title": "other", "members": ["bob", "carol"], "client_id": "k1"},
             {"type": "create", "kind": "group", "title": "T", "members": ["bob"], "client_id": "k1"},
             {"type": "create", "kind": "direct", "with": "carol", "client_id": "k2"},
             {"type": "add", "conversation": group, "users": ["erin"], "client_id": "k3"},
             {"type": "remove", "conversation": group, "user": "bob", "client_id": "k4"},
             {"type": "add", "conversation": group, "users": ["dave"], "client_id": "k1"},
             command_send(group, "k3", "a send with the key of an add")]
    for command in other:
        code = await alice.refusal(**dict(command))
        require(code == "conflict", "other content is a conflict", command, code)
    code = await carol.refusal(**command_send(group, "new", "let me in"))
    require(code == "not_found", "an ex-member may not post anew", code)
    code = await carol.refusal(**command_send(group, "k9", "other last words"))
    require(code in ("conflict", "not_found"), "nor change what was said", code)
    return len(other) + 2


async def all_at_once(server, tokens, conversation, devices=6):
    """Several devices of one user send the same thing at the same moment, each several times."""
    clients = [await Client.open(server, tokens["alice"], "json" if i % 2 else "msgpack") for i in range(devices)]
    before = await head(clients[0], conversation)
    found = set()
    for i in range(10):
        command = command_send(conversation, f"once{i}", f"once {i}")
        rounds = await asyncio.gather(*(c.answers([dict(command) for _ in range(3)]) for c in clients))
        answers = [answer for each in rounds for answer in each]
        require(all(a["type"] == "sent" for a in answers), "all are acknowledged", answers[:2])
        require(len({(a["seq"], a["at"]) for a in answers}) == 1, "with one answer", answers)
        found.add(answers[0]["seq"])
    require(found == set(range(before + 1, before + 11)), "ten messages, ten numbers", found, before)
    for client in clients:
        await client.close()
    done("the same client_id from six devices, three times each, at once", 10 * devices * 3)


async def acknowledgement_lost(server, tokens, conversation, times=20):
    """The connection ends before the answer; up to five retries over new connections."""
    alice = await Client.open(server, tokens["alice"])
    before = await head(alice, conversation)
    for i in range(times):
        command = command_send(conversation, f"lost{i}", f"lost {i}")
        for _ in range(i % 5 + 1):
            cut = await Client.open(server, tokens["alice"])
            await cut.write({**command, "ref": 1})
            await cut.drop()
        answers = [await alice.ask(**dict(command)) for _ in range(2)]
        require(answers[0]["seq"] == answers[1]["seq"] == before + 1 + i, "one number", answers, before + 1 + i)
    events = await alice.pull(conversation, before)
    require(numbers(events) == list(range(before + 1, before + 1 + times)), "nothing twice", numbers(events))
    await alice.close()
    done("answers lost with the connection, one to five times, then retried", times)


async def forgotten_by_memory(clients, conversation):
    """More keys than stay in memory: old ones are still known."""
    alice = clients["alice"]
    total = 3 * KEYS_IN_MEMORY
    commands = [command_send(conversation, f"many{i}", f"many {i}") for i in range(total)]
    first = []
    for start in range(0, total, 60):
        first += await alice.answers([dict(each) for each in commands[start:start + 60]])
    again = []
    for start in range(0, total, 60):
        again += await alice.answers([dict(each) for each in commands[start:start + 60]])
    require([unreferenced(a) for a in again] == [unreferenced(a) for a in first], "every retry, however old")
    done("retries beyond the keys that memory holds", total)


async def main():
    retries = Retries()
    with data_directory() as data:
        server = await Server(data).start()
        tokens = await server.tokens(["alice", "bob", "carol"])
        clients = await enter(server, tokens)
        group = await first_time(clients, retries)
        newest = await head(clients["alice"], group)
        await retries.ask_again(clients, "at once")
        await nothing_changed(clients, group, newest)
        checked = await conflicts(clients, group)
        clients = await enter(server, tokens, "json")
        await retries.ask_again(clients, "over another connection")
        direct = (await clients["alice"].ask("create", kind="direct", with_="bob"))["conversation"]
        await all_at_once(server, tokens, direct)
        await acknowledgement_lost(server, tokens, direct)
        await forgotten_by_memory(clients, direct)
        for how in ("stop", "kill", "kill"):
            await (server.stop() if how == "stop" else server.kill())
            server = await Server(data).start()
            clients = await enter(server, tokens)
            await retries.ask_again(clients, f"after a {how}")
            await nothing_changed(clients, group, newest)
            checked += await conflicts(clients, group)
        await forgotten_by_memory(clients, direct)
        await nothing_changed(clients, group, newest)
        done("retries of every changing command get the first answer", retries.asked)
        done("other content under a known client_id is a conflict, and strangers post nothing", checked)
        await server.stop()
        await server.check()


if __name__ == "__main__":
    run(main)
