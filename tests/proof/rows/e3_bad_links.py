# E3: conversations over links that delay, chop, collect, stall, cut off and corrupt; the oracle finds nothing.
import pathlib
import tempfile

from bad_link import BadLink
from ground import in_ms, tried
from openssl import certificate
from oracle import History
from stubborn import party_of, place
from support import Server, data_directory

OFTEN = 40_000, 400_000  # bytes: a resume has to come through whole at times
WRITERS, READERS = [f"writer{i}" for i in range(3)], [f"reader{i}" for i in range(2)]


async def over(kind, size, findings):
    """One conversation, all of it over links of this kind."""
    with data_directory() as data:
        server = Server(data, release=True)
        if kind == "corrupt":  # bytes that change are for TLS to find
            server.secure(*certificate(pathlib.Path(tempfile.mkdtemp(prefix="parley-proof-tls-")), "parley"))
        await server.start()
        tokens = await server.tokens([*WRITERS, *READERS, "judge"])
        link = await BadLink(server.address, kind, size.dice("bad links", kind), size.of(*OFTEN)).open()
        party = party_of(History(), tokens, place(link.address, server.trust), WRITERS, READERS)
        try:
            await party.gather()
            await party.write(kind, size.of(25, 400))
            await party.judged(server, tokens["judge"], findings, f"{kind}, seed {size.seed}")
        finally:
            await link.close()
        findings.check(link.did > 0, f"{kind}: the link is bad")
        findings.note(f"{kind}: {link.connections} connections, {link.did} times, {sum(each.retried for each in party.writers)} sends again, "
                      f"the slowest acknowledged after {in_ms(max(each.worst for each in party.writers))}")
        await server.stop()
        await server.check()


def run(size, server):
    async def main(findings):
        for kind in BadLink.KINDS:
            await over(kind, size, findings)

    return tried("messages over bad links", main, bounded=True)
