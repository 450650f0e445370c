# Lives of servers under load, each of which ends in its own way, on one store and with one history.
import asyncio
import contextlib
import http.client
import itertools
import json

import websockets

import kill9_journey
from client import Client, Gone
from rest import Rest
from support import Failed, Server, within

OPTIONS = ("--cold-after", "1s")
LONG = "x" * 15_000  # four of them fit one message
PATIENCE = 10
CUT_OFF = (Gone, OSError, websockets.WebSocketException, http.client.HTTPException)


class Lives(kill9_journey.Trial):
    """Writers and readers who take their servers' ends as they come."""

    lives = itertools.count(1)

    async def prepare(self):
        await super().prepare()
        self.tokens |= await Server(self.data).tokens(["changer"])

    async def live(self, launching, ending):
        """A server under load until `ending` gives back what became of it; then it is gone."""
        server = Server(self.data)
        with launching:
            await server.launch(*OPTIONS)
        load = asyncio.create_task(self.load(server))
        try:
            return await ending(server)
        finally:
            if server.alive:
                await server.kill()
            await within(PATIENCE, load, "the end of the load")

    async def load(self, server):
        with contextlib.suppress(Failed):  # it may end before it is ready
            await server.ready()
            everybody = [self.read_on(server, user) for user in self.readers] + [self.write_on(server, w) for w in self.writers]
            await asyncio.gather(*everybody, self.change_on(server))

    async def read_on(self, server, user):
        with contextlib.suppress(*CUT_OFF):
            client = await kill9_journey.enter(self, server, user, self.tokens[user], self.readers[user])
            await client.gone()
            self.readers[user] = client.cursor

    async def write_on(self, server, writer):
        at_once = asyncio.Event()
        at_once.set()
        with contextlib.suppress(*CUT_OFF):
            await writer.enter(server, self.tokens[writer.user])
            await writer.write_on(at_once)

    async def change_on(self, server):
        """Long messages, files, deletions and what is kept only for a while, where the oracle does not look."""
        with contextlib.suppress(*CUT_OFF):
            client, rest, life = await Client.open(server, self.tokens["changer"]), Rest(server, self.tokens["changer"]), next(self.lives)
            for number in itertools.count():
                room = (await client.ask("create", kind="group"))["conversation"]
                _, _, made = await rest.ask("POST", "/v1/files", b"x" * 1000, Content_Type="application/octet-stream")
                for part in range(3):
                    sends = [{"type": "send", "conversation": room, "client_id": f"{life}-{number}-{part}-{i}", "body": LONG} for i in range(4)]
                    await client.answers(sends)
                await client.ask("send", conversation=room, client_id=f"{life}-{number}", body="a file", files=[json.loads(made)["file"]])
                await client.ask("delete", conversation=room, message=2, for_="everyone")
                await client.ask("update", conversation=room, retention={"messages": 3})
                await client.ask("delete", conversation=room)
