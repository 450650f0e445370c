# F2: the process is stopped for a while and goes on; nothing is acknowledged meanwhile, and nothing lost afterwards.
import asyncio
import os
import signal

from ground import in_ms, tried
from oracle import History
from stubborn import party_of, place
from support import serving

WRITERS, READERS = [f"writer{i}" for i in range(4)], ["reader0", "reader1"]
PAUSES = {"smoke": [0.3, 1.0, 2.0], "full": [1, 2, 5, 10, 30, 60]}


def acknowledged(history):
    return sum(len(send.acks) for send in history.sends.values())


async def stopped_for(server, party, number, seconds, findings):
    writing = asyncio.create_task(party.write(f"pause {number}", 60, 0.003))
    await asyncio.sleep(0.1)
    os.kill(server.pid, signal.SIGSTOP)
    await asyncio.sleep(0.1)  # what was on its way
    before = acknowledged(party.history)
    await asyncio.sleep(seconds)
    during = acknowledged(party.history) - before
    os.kill(server.pid, signal.SIGCONT)
    findings.check(during == 0, f"stopped for {seconds} s: acknowledged meanwhile", during)
    await writing


def run(size, server):
    async def main(findings):
        pauses = PAUSES[size.name]
        async with serving(release=True) as running:
            tokens = await running.tokens([*WRITERS, *READERS, "judge"])
            party = await party_of(History(), tokens, place(running.address), WRITERS, READERS, patience=150).gather()
            for number, seconds in enumerate(pauses):
                await stopped_for(running, party, number, seconds, findings)
            await party.judged(running, tokens["judge"], findings, f"pauses, seed {size.seed}")
        findings.note(f"pauses of {', '.join(map(str, pauses))} s; the slowest send was acknowledged after {in_ms(max(each.worst for each in party.writers))}, {sum(each.retried for each in party.writers)} were sent again")

    return tried("messages around pauses", main)
