# H4: sessions whose token ends, and sessions that are ended from another one, are closed within a second; refreshed ones live on.
import asyncio
import time

from client import Client
from ground import OwnDelay, in_ms, tried
from rest import Rest
from support import PATIENCE, serving
from token_abuse import claims, made, signing_key, tokens_expire

PROMISED = 1.0    # seconds
OPENING = 0.04    # seconds that a session may take to open
SESSIONS = 30     # of one user


async def all_at_once(server, key, size, own, findings):
    """Many sessions of many users, whose tokens end in the same moment."""
    count = size.of(60, 2_000)
    expiry = int(time.time() + 2 + count * OPENING)
    clients = [await Client.open(server, made(key, claims(sub=f"many{i}", exp=expiry)), "json" if i % 2 else "msgpack") for i in range(count)]
    ends = time.monotonic() + expiry - time.time()

    async def ended(client):
        code = await client.gone(ends - time.monotonic() + PATIENCE)
        return client, code, time.monotonic() - ends

    came = await asyncio.gather(*map(ended, clients))
    allowed = size.patience(PROMISED) + own.since(ends)
    for client, code, late in came:
        findings.check(code == 4401 and client.seen[-1]["type"] == "bye", "the end of a session whose token has ended", code, client.seen[-1])
        findings.check(-0.1 < late < allowed, "seconds after its token", late, allowed)
    return max(late for _, _, late in came), own.since(ends)


async def ended_from_elsewhere(server, key, size, own, findings):
    """A user ends all sessions, over REST."""
    token = made(key, claims(sub="careful"))
    clients = [await Client.open(server, token, "json" if i % 2 else "msgpack", device=f"d{i}") for i in range(SESSIONS)]
    others = await Client.open(server, made(key, claims(sub="somebody")))
    begun = time.monotonic()
    status, _, data = await Rest(server, token).ask("DELETE", "/v1/sessions")
    findings.check(status == 200, "ending all sessions", status, data)
    codes = await asyncio.gather(*(client.gone() for client in clients))
    took = time.monotonic() - begun
    findings.check(set(codes) == {4401} and took < size.patience(PROMISED) + own.since(begun), "all sessions are closed", set(codes), took, own.since(begun))
    findings.check((await others.ask("ping"))["type"] == "pong", "others go on")
    await others.close()
    return took


def run(size, server):
    async def main(findings):
        async with serving(release=True) as running:
            key, own = signing_key(running.data), OwnDelay()
            (late, ours), *_ = await asyncio.gather(all_at_once(running, key, size, own, findings), *(tokens_expire(running, encoding) for encoding in ("msgpack", "json")))
            findings.tried += 4
            took = await ended_from_elsewhere(running, key, size, own, findings)
            own.end()
        findings.note(f"the last session ended {in_ms(late)} after its token, {in_ms(ours)} of which this process was late itself; {SESSIONS} sessions of a user were closed within {in_ms(took)}")

    return tried("ends of sessions", main)
