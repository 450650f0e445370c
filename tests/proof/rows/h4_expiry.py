# H4: sessions whose token ends, and sessions that are ended from another one, are closed within a second; refreshed ones live on.
import asyncio
import time

from client import Client
from ground import in_ms, tried
from rest import Rest
from support import serving
from token_abuse import claims, made, signing_key, tokens_expire

PROMISED, SLACK = 1.0, 1.0  # seconds: what is promised, and for a busy machine


async def all_at_once(server, key, count, findings):
    """Many sessions of many users, whose tokens end in the same moment."""
    expiry = int(time.time()) + 3
    clients = [await Client.open(server, made(key, claims(sub=f"many{i}", exp=expiry)), "json" if i % 2 else "msgpack") for i in range(count)]
    late = []

    async def ended(client):
        code = await client.gone()
        late.append(time.time() - expiry)
        findings.check(code == 4401 and client.seen[-1]["type"] == "bye", "the end of a session whose token has ended", code, client.seen[-1])
        findings.check(-0.1 < late[-1] < PROMISED + SLACK, "seconds after its token", late[-1])

    await asyncio.gather(*map(ended, clients))
    return max(late)


async def ended_from_elsewhere(server, key, count, findings):
    """A user ends all sessions, over REST."""
    token = made(key, claims(sub="careful"))
    clients = [await Client.open(server, token, "json" if i % 2 else "msgpack", device=f"d{i}") for i in range(count)]
    others = await Client.open(server, made(key, claims(sub="somebody")))
    begun = time.monotonic()
    status, _, data = await Rest(server, token).ask("DELETE", "/v1/sessions")
    findings.check(status == 200, "ending all sessions", status, data)
    codes = await asyncio.gather(*(client.gone() for client in clients))
    took = time.monotonic() - begun
    findings.check(set(codes) == {4401} and took < PROMISED + SLACK, "all sessions are closed", set(codes), took)
    findings.check((await others.ask("ping"))["type"] == "pong", "others go on")
    await others.close()
    return took


def run(size, server):
    async def main(findings):
        async with serving(release=True) as running:
            key = signing_key(running.data)
            late, *_ = await asyncio.gather(all_at_once(running, key, size.of(60, 2_000), findings), *(tokens_expire(running, encoding) for encoding in ("msgpack", "json")))
            findings.tried += 4
            took = await ended_from_elsewhere(running, key, 30, findings)
        findings.note(f"the last session ended {in_ms(late)} after its token; 30 sessions of a user were closed within {in_ms(took)}")

    return tried("ends of sessions", main)
