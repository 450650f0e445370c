# Log lines: every one an event with fields, as text or JSON, and never a body or a token in it.
import json
import re

from client import Client
from support import Server, data_directory, done, require, run

CANARY = "canary-2f7d"
LINE = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (debug|info|warning|error|critical) '
                  r'([a-z_]+)((?: [a-z_]+=(?:"(?:[^"\\]|\\.)*"|[^ "]+))*)')


async def live(data, *options):
    """A whole life with everything a client can do wrong; returns what was logged."""
    server = await Server(data).start("--log-level", "debug", *options)
    tokens = await server.tokens([f"{CANARY}-alice", f"{CANARY}-bob"])
    alice = await Client.open(server, tokens[f"{CANARY}-alice"], "json")
    room = (await alice.ask("create", kind="group", title=f"{CANARY}-title", members=[f"{CANARY}-bob"]))["conversation"]
    for i in range(5):
        await alice.send(room, f"{CANARY}-{i}", f"{CANARY}-body")
    await alice.ask("history", conversation=room)
    await alice.refusal("send", conversation=f"{CANARY}-nowhere", client_id="x", body=f"{CANARY}-body")
    await alice.refusal("nonsense", body=f"{CANARY}-body")
    stranger = await Client.connect(server)
    await stranger.tell("hello", token=f"{CANARY}-token")
    require(await stranger.gone() == 4401, "a bad token ends the session")
    broken = await Client.connect(server, "json")
    await broken.write_raw('{"type": "send", "body": "' + CANARY)
    await broken.gone()
    await alice.close()
    await server.stop()
    words = server.words(most=10**7)
    for secret in (CANARY, *tokens.values()):
        require(secret not in words, "neither users nor bodies nor tokens are logged", secret, words)
    return words.splitlines()


async def refused(data, *options):
    """What a server says that cannot start: the reason has a path in it that tries to forge a line."""
    server = Server(data)
    await server.launch(*options, listen="127.0.0.1:0")
    await server.process.stdout.read()
    require(await server.wait() == 1, "it cannot start")
    return server.words().splitlines()


async def main():
    with data_directory() as data:
        lines = await live(data)
        require(len(lines) >= 3, "something is logged", lines)
        for line in lines:
            require(LINE.fullmatch(line), "a line is an event with fields", line)
        require([LINE.fullmatch(line)[2] for line in lines if " started " in line] == ["started"], "the start is told", lines)
        await Server(data).check()
        done("text: every line is an event with fields", len(lines))
        objects = [json.loads(line) for line in await live(data, "--log-format", "json")]
        for each in objects:
            require({"time", "level", "event"} <= each.keys(), "an object is an event", each)
        started = next(each for each in objects if each["event"] == "started")
        require(started["data"] == str(data) and started["rate_limit"] is False and isinstance(started["workers"], int), "with fields", started)
        done("json: every line is an object", len(objects))
        forged = data.parent / 'x" level="info\nforged line'
        forged.write_text("not a directory")
        for line in await refused(forged):
            require(LINE.fullmatch(line), "a reason stays a value", line)
        told = [json.loads(line) for line in await refused(forged, "--log-format", "json")]
        *warnings, why = told
        require({each["event"] for each in warnings} <= {"configuration_warning"}, "this machine may deserve some", warnings)
        require(why["event"] == "start_failed" and "forged line" in why["reason"], "in JSON as well", why)
        done("no value passes for another or for a line", 2)


if __name__ == "__main__":
    run(main)
