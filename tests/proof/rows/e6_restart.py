# E6: restarts behind one address under load; clients that retry lose no send, and a second server on the same data is refused.
import asyncio

from ground import in_ms, tried
from oracle import History
from shutdown_journey import second_server_is_refused
from stubborn import party_of, place
from support import Server, data_directory

WRITERS, READERS = [f"writer{i}" for i in range(6)], [f"reader{i}" for i in range(2)]


async def restarted(size, findings):
    dice = size.dice("restarts")
    with data_directory() as data:
        server = await Server(data, release=True).start()
        listen, where = server.http, place(server.address)
        tokens = await server.tokens([*WRITERS, *READERS, "judge"])
        party = await party_of(History(), tokens, where, WRITERS, READERS).gather()
        times = size.of(4, 100)
        for number in range(times):
            writing = asyncio.create_task(party.write(f"life {number}", 40, 0.005))
            await asyncio.sleep(dice.uniform(0.02, 0.2))
            await (server.kill() if number % 4 == 3 else server.stop())
            server = await Server(data, release=True).start(listen=listen)
            await writing
        await party.judged(server, tokens["judge"], findings, f"restarts, seed {size.seed}")
        findings.note(f"{times} restarts, every fourth after kill -9; {sum(each.retried for each in party.writers)} sends again; the slowest was acknowledged after {in_ms(max(each.worst for each in party.writers))}")
        await server.stop()
        await server.check()


def run(size, server):
    async def main(findings):
        await restarted(size, findings)
        with data_directory() as data:
            await second_server_is_refused(data)
            findings.tried += 3

    return tried("messages over restarts", main, bounded=True)
