# Two healthy clients that chat on until they are told to stop, and say how long their messages took; run by ground.py.
import asyncio
import json
import os
import sys
import time
import types

from client import Client
from ground import percentile

PAUSE = 0.005  # seconds between messages


def say(**what):
    print(json.dumps(what), flush=True)


async def chat(alice, bob, room, took):
    """One message after the other, in turns; how long each took to arrive goes into `took`."""
    for count in range(10**9):
        sender, reader = (alice, bob) if count % 2 else (bob, alice)
        begun = time.monotonic()
        await sender.send(room, f"n{count}", f"neighbours {count}")
        await reader.expect_message(room, f"neighbours {count}")
        took.append(time.monotonic() - begun)
        for client in (alice, bob):
            client.inbox.clear()
            client.seen.clear()
        await asyncio.sleep(PAUSE)


async def main(host, port, token_alice, token_bob):
    server = types.SimpleNamespace(address=(host, int(port)), http=f"{host}:{port}", trust=None)
    alice, bob = await Client.open(server, token_alice), await Client.open(server, token_bob, "json")
    room = (await alice.ask("create", kind="direct", with_=bob.welcome["user"]))["conversation"]
    took = []
    chatting = asyncio.create_task(chat(alice, bob, room, took))
    say(ready=True)
    while True:
        asked = asyncio.create_task(asyncio.to_thread(sys.stdin.readline))
        await asyncio.wait({asked, chatting}, return_when=asyncio.FIRST_COMPLETED)
        if chatting.done():
            say(failed=repr(chatting.exception()))
            return
        if not asked.result():
            break
        say(count=len(took), median=percentile(took, 0.5), p99=percentile(took, 0.99), worst=max(took, default=0))
        took.clear()
    os._exit(0)  # a chat that is cancelled within a wait may not notice


if __name__ == "__main__":
    try:
        asyncio.run(main(*sys.argv[1:]))
    except Exception as fault:  # whoever asks next is to know why
        say(failed=repr(fault))
