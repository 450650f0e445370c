# H6: limits of a user, a conversation and an address hold for all connections together, and reach nobody else.
import asyncio
import time

from client import Client
from ground import tried
from http_abuse import status_of
from raw_socket import request
from support import serving

COMMANDS = (100, 1000)      # of a user: a second, at once
MESSAGES = (200, 2000)      # into a conversation
CONNECTIONS = (200, 2000)   # of an address
AT_ONCE = 16                # connects under way
SLACK = 1.1                 # of what was allowed in the time it took


def allowed(rate, seconds):
    return (rate[0] * seconds + rate[1]) * SLACK


async def of_a_user(server, tokens, findings):
    """As many connections as a user may have, all asking at once."""
    devices = [await Client.open(server, tokens["greedy"], "json" if i % 2 else "msgpack", device=f"d{i}") for i in range(30)]
    bystander = await Client.open(server, tokens["bystander"])
    begun = time.monotonic()
    answers = [answer for group in await asyncio.gather(*(device.answers([{"type": "ping"} for _ in range(100)]) for device in devices)) for answer in group]
    took = time.monotonic() - begun
    served = sum(answer["type"] == "pong" for answer in answers)
    refused = [answer for answer in answers if answer["type"] != "pong"]
    findings.check(COMMANDS[1] * 0.9 <= served + len(devices) and served <= allowed(COMMANDS, took), "commands of one user that were served", served, took)
    findings.check(refused and all(each.get("code") == "rate_limited" and each["retry_after_ms"] > 0 for each in refused), "the others are told when to come again", refused[:1])
    findings.check((await bystander.ask("ping"))["type"] == "pong", "others are served")
    findings.tried += len(answers)
    for client in (*devices, bystander):
        await client.close()
    return served, len(answers), took


async def of_a_conversation(server, tokens, findings):
    """Many users who each keep to their own limit, in one conversation."""
    users = [f"member{i}" for i in range(6)]
    members = [await Client.open(server, tokens[user]) for user in users]
    room = (await members[0].ask("create", kind="group", members=users[1:]))["conversation"]
    other = (await members[0].ask("create", kind="group", members=users[1:]))["conversation"]
    begun = time.monotonic()
    groups = await asyncio.gather(*(member.answers([{"type": "send", "conversation": room, "client_id": f"{i}-{n}", "body": "b"} for n in range(600)], 60) for i, member in enumerate(members)))
    took = time.monotonic() - begun
    answers = [answer for group in groups for answer in group]
    sent = sum(answer["type"] == "sent" for answer in answers)
    findings.check(MESSAGES[1] * 0.9 <= sent <= allowed(MESSAGES, took), "messages into one conversation", sent, took)
    findings.check(all(answer.get("code") == "rate_limited" for answer in answers if answer["type"] != "sent"), "the others are told so")
    findings.check((await members[1].ask("send", conversation=other, client_id="other", body="b"))["type"] == "sent", "another conversation goes on")
    findings.tried += len(answers)
    for client in members:
        await client.close()
    return sent, len(answers), took


async def of_an_address(server, findings, count=2_600):
    """One address connects and connects; what is beyond its limit gets 429 or no word."""
    begun, counts, numbers = time.monotonic(), {}, iter(range(count))

    async def connect():
        for _ in numbers:
            status, _ = await status_of(server, request("/livez", Upgrade=None, Connection="close"))
            counts[status] = counts.get(status, 0) + 1

    await asyncio.gather(*(connect() for _ in range(AT_ONCE)))
    took = time.monotonic() - begun
    findings.check(counts.get(200, 0) <= allowed(CONNECTIONS, took), "connections of one address", counts, took)
    findings.check(count <= allowed(CONNECTIONS, took) or counts.get(200, 0) < count, "some are beyond it", counts, took)
    findings.check(set(counts) <= {200, 429, 0}, "and what the others get", counts)
    findings.tried += count
    return counts, took


def run(size, server):
    async def main(findings):
        async with serving("--rate-limit", "on", release=True) as running:
            tokens = await running.tokens(["greedy", "bystander", *(f"member{i}" for i in range(6))])
            served, asked, took = await of_a_user(running, tokens, findings)
            findings.note(f"of a user over 30 connections {served} of {asked} commands were served in {took:.1f} s")
            sent, asked, took = await of_a_conversation(running, tokens, findings)
            findings.note(f"into a conversation {sent} of {asked} messages in {took:.1f} s")
            counts, took = await of_an_address(running, findings, size.of(2_600, 20_000))
            findings.note(f"of an address {counts} in {took:.1f} s")

    return tried("commands, messages and connects beyond a limit", main)
