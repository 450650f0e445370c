# E5: SIGTERM under load; everybody is told and closed with 1012, every answer is out, and it is over within five seconds.
from client import Client
from ground import tried
from oracle import History, judge
from shutdown_journey import held_up, interrupted, stopped_under_load
from support import Server, data_directory


async def rounds(count, findings):
    """Stops under load on one data directory; then the oracle looks at everything that was acknowledged."""
    history, rooms, slowest, sent = History(), [], 0.0, 0
    with data_directory() as data:
        for number in range(count):
            took, messages = await stopped_under_load(data, history, rooms, number)
            slowest, sent = max(slowest, took), sent + messages
            findings.tried += 1
        server = await Server(data).start()
        reader = await Client.open(server, await server.token("w0"))
        history.final[rooms[0]] = await reader.pull(rooms[0], 0)
        await reader.close()
        await server.stop()
    for fault in judge(history)[:5]:
        findings.fail(str(fault))
    there = {(rooms[0], event["from"], event["client_id"]) for event in history.final[rooms[0]] if event["type"] == "message"}
    untold = [send.key for send in history.unknown() if send.key in there]
    findings.check(not untold, "every message that is kept was acknowledged", untold[:5])
    refused = [send.key for send in history.sends.values() if send.outcome == "failed"]
    findings.note(f"{sent} messages acknowledged, {len(history.unknown())} without an answer, {len(refused)} refused; the slowest end took {slowest:.2f} s")


def run(size, server):
    async def main(findings):
        await rounds(size.of(3, 100), findings)
        for special in (interrupted, held_up):
            with data_directory() as data:
                await special(data)
                findings.tried += 1

    return tried("ends under load", main)
