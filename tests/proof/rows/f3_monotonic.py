# F3: a machine that has been up for a century, or has just been started; the server starts, its deadlines hold, and messages pass.
import shutil
import subprocess
import time

import row
from ground import tried, wrapped
from oracle import History
from raw_socket import RawSocket
from stubborn import party_of, place

YEAR = 31_557_600
UPTIMES = [0, 30 * 86_400, 2**31 // 1000, 2**31, 2**32, 100 * YEAR]  # seconds that the machine seems to be up longer
WRITERS, READERS = ["writer0", "writer1"], ["reader0"]
HEADERS = 10  # seconds for the headers of a request


async def up_for(seconds, size, findings):
    line = f'exec unshare --time --monotonic {seconds} --boottime {seconds} {{server}} "$@"'
    async with wrapped(line) as running:
        tokens = await running.tokens([*WRITERS, *READERS, "judge"])
        party = await party_of(History(), tokens, place(running.address), WRITERS, READERS).gather()
        await party.write(f"up {seconds}", size.of(20, 500))
        await party.judged(running, tokens["judge"], findings, f"up for {seconds} s more")
        if size.of(False, True):
            raw = await RawSocket.open(running)
            begun = time.monotonic()
            await raw.send(b"GET / HTTP/1.1\r\n")
            status, _, _ = await raw.answer()
            findings.check(status == 408 and HEADERS - 1 < time.monotonic() - begun < HEADERS + 3, f"up for {seconds} s more: a deadline", status, time.monotonic() - begun)
            raw.end()


def run(size, server):
    if not shutil.which("unshare") or subprocess.run(["unshare", "--time", "--monotonic", "1", "true"], capture_output=True, check=False).returncode != 0:
        raise row.NotHere("no time namespaces")

    async def main(findings):
        for seconds in size.of(UPTIMES[-3:], UPTIMES):
            await up_for(seconds, size, findings)
        findings.note(f"up for {', '.join(map(str, size.of(UPTIMES[-3:], UPTIMES)))} s more than the machine is")

    return tried("messages under another monotonic clock", main)
