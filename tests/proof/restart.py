# Starts a server on what is left of a store, and asks it whether everything is there.
import itertools
import math

from client import Client
from support import Server

RETRIES = 3
FAULTS = 3  # that are told of one store


async def restarted(data, talk, owed, cut=math.inf):
    """What is wrong with a server on this directory: what it says, how it answers retries, and whether it stays whole."""
    faults = []
    server = Server(data)
    try:
        await server.start("--search", "off")
        client = await Client.open(server, talk.tokens[talk.talkers[0].user])
        events = await everything(client, talk.rooms)
        faults += itertools.islice(talk.truth.faults(events, owed, cut), FAULTS)
        faults += await retried(client, talk, events)
        await client.close()
        await server.kill()
        await server.check()
    except Exception as fault:
        faults.append(f"a server on it: {type(fault).__name__}: {fault} {server.words(600)}")
    finally:
        if server.alive:
            await server.kill()
    return faults


async def everything(client, rooms):
    """{(conversation, seq): event} of all rooms that there are."""
    events = {}
    for room in rooms:
        answer = await client.answer("get", conversation=room)
        if answer["type"] == "conversation":
            events.update({(room, event["seq"]): event for event in await client.pull(room, 0)})
    return events


async def retried(client, talk, events):
    """Sends that are there get the same number again, those that are not get one now, and keep it."""
    faults = []
    at = {(place[0], event["client_id"]): place[1] for place, event in events.items() if "client_id" in event}
    rooms = {room for room, _ in events}
    mine = [key for key in talk.truth.bodies if key[1].startswith(f"{talk.talkers[0].user}-") and key[0] in rooms]
    for key in [*mine[:1], *mine[-RETRIES:]]:
        command = {"type": "send", "conversation": key[0], "client_id": key[1], "body": talk.truth.bodies[key]}
        answers = [(await client.answers([dict(command)]))[0] for _ in range(2)]
        seqs = {answer.get("seq") for answer in answers}
        if len(seqs) > 1 or (answers[0]["type"] == "sent" and seqs != {at.get(key, answers[0]["seq"])}):
            faults.append(f"twice: {key} is {at.get(key)} and its retries got {answers}")
    return faults
