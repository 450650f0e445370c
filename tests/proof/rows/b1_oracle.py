# B1: the oracle finds every fault that is planted in a clean history and none in clean ones, nor in what a live server shows.
import asyncio
import contextlib
import io

import kill9_journey
import oracle_test_journey
from ground import tried
from journeys import travelled
from oracle import judge
from row import Outcome
from support import data_directory


class Calm(kill9_journey.Trial):
    """Lives that end in good order, when everybody has posted."""

    async def talk(self, each):
        server = await self.start()
        clients = {user: await kill9_journey.enter(self, server, user, self.tokens[user], cursor) for user, cursor in self.readers.items()}
        await asyncio.gather(*(writer.enter(server, self.tokens[writer.user]) for writer in self.writers))
        await asyncio.gather(*(self.post(writer, each) for writer in self.writers))
        await server.stop()
        for user, client in clients.items():
            await client.gone()
            self.readers[user] = client.cursor
        for writer in self.writers:
            await writer.client.gone()
            writer.cursor = writer.client.cursor

    async def post(self, writer, count):
        for _ in range(count):
            writer.count += 1
            await writer.client.send(writer.room, f"{writer.user}-{writer.count}", f"body of {writer.user}-{writer.count}")


def run(size, server):
    kill9_journey.WRITERS, kill9_journey.SEED = 24, size.seed
    lives, each = size.of((2, 250), (20, 500))

    async def main(findings):
        with data_directory() as data, contextlib.redirect_stdout(io.StringIO()):
            calm = Calm(data)
            await calm.prepare()
            for _ in range(lives):
                await calm.talk(each)
            await calm.finish()
        findings.tried += len(calm.history.sends)
        for fault in judge(calm.history):
            findings.fail(str(fault))

    planted = travelled("faults planted and clean histories", oracle_test_journey.main)
    live = tried("messages judged", main)
    return Outcome(planted.tried + live.tried, "faults planted and messages of a live server", planted.failures + live.failures,
                   f"{live.tried} messages of {kill9_journey.WRITERS} writers in {lives} lives; {planted.notes}")
