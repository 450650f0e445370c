# A9: the map is full before the disk is; senders are told so, readers are served, and with a larger map all of it goes on.
import re

from client import Client
from ground import tried
from oracle import History, judge
from planted import planted_server
from rest import Rest
from storage_journey import fill, reads_go_on, sends_come_back
from support import Server, data_directory
from talk import environment

TINY = "tiny_map"  # persistence/store.cpp says how much it holds


async def refusals(server):
    """How often somebody was told `unavailable`, by the metrics."""
    _, _, data = await Rest(server, None).ask("GET", "/metrics")
    return int(re.search(r'^parley_errors_total\{code="unavailable"\} (\d+)$', data.decode(), re.M)[1])


async def full_and_larger(findings):
    """A store that is as large as it may be, on which a server is killed; then one that may be larger."""
    history = History()
    with data_directory() as data:
        with environment(PARLEY_MUTANT=TINY):
            server = await Server(data).start()
            tokens = await server.tokens(["alice", "bob"])
            alice = await Client.open(server, tokens["alice"], trace=history.session("alice", "alice while it fills"))
            room = (await alice.ask("create", kind="direct", with_="bob"))["conversation"]
            total = await fill(alice, room, "fill-")
            findings.check(total > 100, "it takes some", total)
            findings.check("storage_full" in server.words() and "at its size limit" in server.words(), "the log says why", server.words())
            refused = await refusals(server)
            findings.check(refused > 0, "the metrics say so", refused)
            await reads_go_on(server, tokens, room, total)
            findings.tried += 1
            await server.kill()
            server = await Server(data).start()
            alice = await Client.open(server, tokens["alice"], trace=history.session("alice", "alice after the kill"))
            await reads_go_on(server, tokens, room, total)
            again = await fill(alice, room, "full-")
            findings.check(again <= total // 2, "it is still full", again)
            await server.kill()
        server = await Server(data).start()
        alice = await Client.open(server, tokens["alice"], trace=history.session("alice", "alice with room"))
        _, attempts = await sends_come_back(alice, room, "room again")
        findings.check(attempts == 0, "a larger map takes more at once", attempts)
        history.final[room] = await alice.pull(room, 0)
        alice.trace.settled()
        faults = judge(history)
        findings.check(not faults, "nothing acknowledged was lost", [str(fault) for fault in faults[:5]])
        await server.stop()
        await server.check()
        return total + again


def run(size, server):
    async def main(findings):
        taken = [await full_and_larger(findings) for _ in range(size.of(1, 20))]
        findings.note(f"{sum(taken)} messages until the map was full; reads went on, also after a kill; a larger map took more")

    with planted_server():
        return tried("looks at a full map", main)
