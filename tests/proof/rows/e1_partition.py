# E1: the cable between server and clients is pulled out and put back under load; everything goes on, and the oracle finds nothing.
import asyncio

from ground import in_ms, tried, wrapped
from namespaces import SERVER, cable
from oracle import History
from stubborn import party_of, place

WRITERS, READERS = [f"writer{i}" for i in range(3)], ["reader0", "reader1"]
CUTS = {"smoke": [0.3, 1.0], "full": [0.1, 0.5, 1, 2, 5, 10, 20, 40, 60]}


def run(size, server):
    async def main(findings):
        with cable() as line:
            async with wrapped(line.wrapper(), listen=f"{SERVER}:0") as running:
                tokens = await running.tokens([*WRITERS, *READERS, "judge"])
                party = await party_of(History(), tokens, place(running.address), WRITERS, READERS, patience=150).gather()
                for number, seconds in enumerate(CUTS[size.name]):
                    writing = asyncio.create_task(party.write(f"cut {number}", 40, 0.003))
                    await asyncio.sleep(0.05)
                    await asyncio.to_thread(line.cut_for, seconds)
                    await writing
                await party.judged(running, tokens["judge"], findings, f"cuts, seed {size.seed}")
        findings.note(f"cuts of {', '.join(map(str, CUTS[size.name]))} s; the slowest send was acknowledged after {in_ms(max(each.worst for each in party.writers))}, {sum(each.retried for each in party.writers)} were sent again")

    return tried("messages across cuts", main)
