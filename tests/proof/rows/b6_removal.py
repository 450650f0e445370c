# B6: members are removed, leave, are banned and come back while others write; nobody is shown what came while they were none.
import asyncio

from client import Client, Refused
from ground import tried
from oracle import History, judge
from support import serving

WRITERS, COMERS = [f"writer{i}" for i in range(3)], ["comer0", "comer1", "comer2"]


async def write_on(client, room, tag, stop):
    count = 0
    while not stop.is_set():
        await client.send(room, f"{client.welcome['user']}-{tag}-{count}", "while they come and go")
        count += 1
    return count


async def come_and_go(owner, comers, room, dice, times):
    """Out by one of three ways, back in by the owner."""
    for _ in range(times):
        user = dice.choice(COMERS)
        way = dice.randrange(3)
        try:
            if way == 0:
                await owner.ask("remove", conversation=room, user=user)
            elif way == 1:
                await comers[user].ask("leave", conversation=room)
            else:
                await owner.ask("ban", conversation=room, user=user)
                await owner.ask("unban", conversation=room, user=user)
            await asyncio.sleep(dice.uniform(0, 0.02))
            await owner.ask("add", conversation=room, users=[user])
        except Refused as refused:
            raise AssertionError(f"{user}, way {way}: {refused}") from None
        await asyncio.sleep(dice.uniform(0, 0.01))


async def one_history(server, tokens, number, size, findings):
    history, dice = History(), size.dice("removals", number)

    async def enter(user, encoding="msgpack", chain=None):
        return await Client.open(server, tokens[user], encoding, trace=history.session(user, chain))

    owner = await enter("owner")
    writers = [await enter(user, "json" if i % 2 else "msgpack") for i, user in enumerate(WRITERS)]
    comers = {user: await enter(user, "json" if i % 2 else "msgpack") for i, user in enumerate(COMERS)}
    seconds = [await enter(user, "json", f"{user}'s other device") for user in COMERS]
    room = (await owner.ask("create", kind="group", members=[*WRITERS, *COMERS]))["conversation"]
    stop = asyncio.Event()
    writing = [asyncio.create_task(write_on(client, room, f"{number}", stop)) for client in writers]
    await come_and_go(owner, comers, room, dice, size.of(25, 200))
    stop.set()
    sent = sum(await asyncio.gather(*writing))
    await owner.send(room, f"owner-{number}", "the last word")
    for client in (owner, *writers, *comers.values(), *seconds):
        await client.expect("message", conversation=room, body="the last word")
    history.final[room] = await owner.pull(room, 0)
    for client in (owner, *writers):
        client.trace.settled()
    for fault in judge(history)[:5]:
        findings.fail(f"history {number}, seed {size.seed}", str(fault))
    findings.tried += sent
    for client in (owner, *writers, *comers.values(), *seconds):
        await client.close()


def run(size, server):
    async def main(findings):
        times = size.of(2, 30)
        async with serving("--io-threads", "3", release=True) as running:
            tokens = await running.tokens(["owner", *WRITERS, *COMERS])
            for number in range(times):
                await one_history(running, tokens, number, size, findings)
        findings.note(f"{times} histories in which {len(COMERS)} members with two devices each are removed, leave or are banned, and come back, {size.of(25, 200)} times")

    return tried("messages while members come and go", main, bounded=True)
