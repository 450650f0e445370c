# Every example of docs/asyncapi.yaml is sent to a real server in both encodings, and every envelope that comes is what the document says.
import asyncio
import json

from asyncapi_document import Protocol
from asyncapi_world import ASKS, World
from client import Client
from rest import Rest
from support import done, eventually, require, run, serving

LATE = ("hello", "notifications", "dismiss")
MISSED = 520  # events, which are more than a resume sends of one conversation


def judged(protocol, command, answer):
    """Fails unless a command was answered as the document says."""
    found = protocol.judge(answer)
    require(found in protocol.replies[command["type"]], "an answer that the document names", command, answer)
    return found


class Examples:
    """Sends what the document has as examples."""

    def __init__(self, world):
        self.world = world
        self.protocol = world.protocol
        self.sent = 0

    async def send(self, client, command):
        (answer,) = await client.answers([dict(command)])
        require(answer["type"] != "error", "an example goes well", command, answer)
        judged(self.protocol, command, answer)
        require(answer["ref"] == command["ref"], "the answer has the reference", command, answer)
        self.sent += 1
        return answer

    async def example(self, client, example, conversation):
        command = await self.world.filled(example, conversation)
        if "cursor" in command:  # of the page before
            page = await self.send(client, {key: value for key, value in command.items() if key != "cursor"})
            require("cursor" in page, "there is another page", command, page)
            command["cursor"] = page["cursor"]
        return await self.send(client, command)

    async def all_of(self, message):
        client = self.world.clients[ASKS.get(message.name, "alice")]
        reads = "client_id" not in message.schema["properties"]
        place = await self.world.place(message.name)
        for number, each in enumerate(message.examples):
            if number > 0 and not reads:
                place = await self.world.place(message.name)
            await self.example(client, each, place)

    async def greetings(self, message):
        """A `hello` takes a connection for each."""
        cursor = self.world.clients["alice"].cursor
        for each in message.examples:
            command = await self.world.filled(each, "")
            bearer = {} if "token" in command else {"Authorization": f"Bearer {self.world.tokens['alice']}"}
            if "since" in command:
                command["since"] = cursor
            client = await Client.connect(self.world.server, self.world.encoding, headers=bearer)
            self.world.everyone.append(client)
            welcome = await self.send(client, command)
            client.welcome = welcome
            if "since" in command:
                await client.expect("synced")

    async def notified(self):
        """Frank has been away all the time, and has a list of what he was told."""
        frank = self.world.clients["frank"]
        told = set()
        while len(told) < 4:
            told.add((await frank.expect("notification"))["conversation"])
        items = (await frank.ask("notifications"))["items"]
        await self.all_of(self.protocol.messages["command.notifications"])
        for each in self.protocol.messages["command.dismiss"].examples:
            await self.example(frank, each, items[0]["conversation"])


async def refusals(world):
    """What is needed is needed: without it a command is refused."""
    count = 0
    alice = world.clients["alice"]
    for message in world.protocol.commands:
        for missing in set(message.schema["required"]) - {"type"}:
            command = {key: value for key, value in message.examples[0].items() if key not in (missing, "ref")}
            (answer,) = await alice.answers([command])
            judged(world.protocol, command, answer)
            require(answer.get("code") == "bad_request", "it is refused", missing, command, answer)
            count += 1
    await alice.tell("get", conversation="nowhere")
    await alice.expect("error", code="not_found")
    await alice.tell("hover")
    await alice.expect("error", code="unknown_type")
    return count + 2


async def resumes(world):
    """More was missed than is sent at once, and a cursor that is none."""
    alice, gus = world.clients["alice"], world.clients["gus"]
    room = (await alice.ask("create", kind="group", members=["gus"]))["conversation"]
    await gus.expect("joined", conversation=room)
    await eventually(lambda: gus.untaken("checkpoint"), "a checkpoint behind events")
    await gus.drop()
    for begin in range(0, MISSED, MISSED // 2):
        sends = [{"type": "send", "conversation": room, "client_id": str(begin + i), "body": "!"} for i in range(MISSED // 2)]
        require((await alice.answers(sends))[-1]["type"] == "sent", "all of it is sent")
    await alice.ask("delete", conversation=room, message=MISSED, for_="everyone")
    again = await world.open("gus", since=gus.cursor)
    await again.expect("synced")
    gap = await again.expect("gap", conversation=room)
    page = await again.ask("sync", conversation=room, after=gap["from"] - 1)
    require(page["first"] == gap["from"], "a page fills the gap", gap, page)
    require([each for each in again.untaken("message") if each.get("deleted")], "what stays of a message comes, too")
    lost = await world.open("gus", since="AAECAwQF")
    await lost.expect("reset")


async def trimmed(world):
    alice = world.clients["alice"]
    room = await world.conversation()
    await alice.ask("update", conversation=room, retention={"messages": 2})
    await alice.send(room, "last", "One more.")
    await alice.expect("trimmed", conversation=room)


def all_seen(world):
    """How many envelopes came; each is described, and nothing is described that did not come."""
    count = 0
    seen = set()
    for client in world.everyone:
        for envelope in client.seen:
            seen.add(world.protocol.judge(envelope).key)
            count += 1
    described = {key for key, each in world.protocol.messages.items() if each.way != "command"}
    require(seen == described, "each answer and each event was seen", described - seen)
    return count


async def travel(protocol, encoding):
    async with serving("--notify-after", "1s") as server:
        world = await World(server, encoding, protocol).begin()
        examples = Examples(world)
        for message in protocol.commands:
            if message.name not in LATE:
                await examples.all_of(message)
        await examples.greetings(protocol.messages["command.hello"])
        await examples.notified()
        done(f"every example of every command goes well, in {encoding}", examples.sent)
        done(f"no command goes without what it needs, in {encoding}", await refusals(world))
        await resumes(world)
        await trimmed(world)
        done(f"every envelope is what the document says, in {encoding}", all_seen(world))
        for client in world.everyone:
            if client.connected:
                await client.drop()
        status, _, text = await Rest(server, None).ask("GET", "/asyncapi.json")
        written = json.dumps(protocol.all).replace('"openapi.yaml#', '"openapi.json#')
        require(status == 200 and json.loads(text) == json.loads(written), "what is served is what is written", status)


async def main():
    protocol = Protocol.read()
    done("every example of the document fits its schema", protocol.examples_fit())
    await asyncio.gather(*[travel(protocol, encoding) for encoding in ("msgpack", "json")])


run(main)
