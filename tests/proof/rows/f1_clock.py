# F1: the wall clock jumps by seconds, hours and years, both ways; the order stays, nobody is dropped for it, and tokens are judged by what the clock says.
import asyncio
import pathlib
import struct
import tempfile
import time

from client import Client, Gone
from ground import Wrapped, built, tried
from oracle import History
from stubborn import party_of, place
from support import data_directory
from token_abuse import claims, made, refused, signing_key

HOUR, YEAR = 3600, 31_557_600
JUMPS = [1, -1, HOUR, -HOUR, 10 * YEAR, 0, -10 * YEAR, 20 * YEAR, 0]  # seconds off, one after another
NOTICED = 35  # seconds within which an open session is told that its token has expired: a ping's interval, and some
WRITERS, READERS = ["writer0", "writer1", "writer2"], ["reader0", "reader1"]


class Clock:
    """The wall clock of the servers that are started with it."""

    def __init__(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="parley-proof-clock-"))
        self.file = folder / "shift"
        self.set(0)
        self.line = f'PROOF_CLOCK={self.file} LD_PRELOAD={built("clock.c", shared=True)} exec {{server}} "$@"'

    def set(self, seconds):
        with open(self.file, "r+b" if self.file.exists() else "wb") as file:
            file.write(struct.pack("<q", seconds))
        self.seconds = seconds

    def now(self):
        return int(time.time()) + self.seconds


async def jumping(party, clock, jumps, findings):
    """Messages between jumps and across them; each is stamped with what the clock says."""
    watcher = party.readers[0]
    for number, seconds in enumerate(jumps):
        writing = asyncio.create_task(party.write(f"jump {number}", 12, 0.002))
        await asyncio.sleep(0.02)
        clock.set(seconds)
        await writing
        client_id = f"stamp-{number}"
        sent = await party.writers[0].client.send(party.room, client_id, "what time is it?")
        findings.check(abs(sent["at"] / 1000 - clock.now()) < 5, f"off by {seconds} s: stamped", sent["at"], clock.now())
        findings.check(sent["seq"] > 0 and sent["at"] > 0, "numbers are no less than zero", sent)
        await watcher.client.expect("message", client_id=client_id)
    dropped = [each.user for each in (*party.writers, *party.readers) if each.entered != 1]
    findings.check(not dropped, "connections ended by a jump", dropped)


async def tokens_are_judged(server, clock, key, findings):
    """A token is good while the clock is between its times, whichever way it got there."""
    for seconds in (0, 2 * HOUR, -2 * HOUR, 10 * YEAR, -10 * YEAR, 0):
        clock.set(seconds)
        now = clock.now()
        for what, token, wanted in (("good for an hour", made(key, claims(sub="guest", exp=now + HOUR, iat=now)), None), ("over for an hour", made(key, claims(sub="guest", exp=now - HOUR)), "token_expired"),
                                    ("good in an hour", made(key, claims(sub="guest", exp=now + 3 * HOUR, nbf=now + HOUR)), "unauthenticated")):
            if wanted is None:
                client = await Client.open(server, token)
                findings.check(client.welcome["user"] == "guest", f"off by {seconds} s: a token {what}")
                await client.close()
            else:
                ended = await refused(server, token, "msgpack", False)
                findings.check(ended == (wanted, 4401), f"off by {seconds} s: a token {what}", ended)


async def open_sessions_end(server, clock, key, findings):
    """A session whose token the clock has passed is ended, though nobody set a timer for that."""
    clock.set(0)
    client = await Client.open(server, made(key, claims(sub="guest", exp=clock.now() + HOUR)))
    clock.set(2 * HOUR)
    begun = time.monotonic()
    try:
        findings.check(await client.gone(NOTICED) == 4401, "an open session after its token's time", client.socket.close_code)
        findings.note(f"an open session whose token a jump made old was ended {time.monotonic() - begun:.0f} s later")
    except (Gone, AssertionError) as fault:
        findings.fail("an open session outlives its token", str(fault))


async def starts_at(data, clock, seconds, key, findings):
    """A server that starts with another clock goes on with the same data."""
    clock.set(seconds)
    server = await Wrapped(data, clock.line).start()
    client = await Client.open(server, made(key, claims(sub="writer0", exp=clock.now() + HOUR, iat=clock.now())))
    listed = await client.ask("list")
    findings.check(len(listed["items"]) == 1, f"a start {seconds} s off", listed)
    sent = await client.ask("send", conversation=listed["items"][0]["conversation"], client_id=f"start-{seconds}", body="here")
    findings.check(sent["seq"] > 0, "and messages go on", sent)
    await client.close()
    await server.stop()
    await server.check()


def run(size, server):
    async def main(findings):
        clock = Clock()
        with data_directory() as data:
            running = await Wrapped(data, clock.line).start("--cold-after", "0")
            key = signing_key(running.data)
            tokens = {user: made(key, claims(sub=user, exp=int(time.time()) + 60 * YEAR)) for user in (*WRITERS, *READERS, "judge")}
            party = await party_of(History(), tokens, place(running.address), WRITERS, READERS).gather()
            await jumping(party, clock, JUMPS * size.of(1, 20), findings)
            await tokens_are_judged(running, clock, key, findings)
            if size.of(False, True):
                await open_sessions_end(running, clock, key, findings)
            clock.set(0)
            await party.judged(running, tokens["judge"], findings, f"jumps, seed {size.seed}")
            await running.stop()
            await running.check()
            for seconds in (10 * YEAR, -10 * YEAR, -HOUR, 0):
                await starts_at(data, clock, seconds, key, findings)
        findings.note(f"{len(JUMPS)} jumps of up to 30 years")

    return tried("messages, tokens and starts under another clock", main)
