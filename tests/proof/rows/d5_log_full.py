# D5: what the server logs cannot be written, because the disk is full or the reader has gone; it serves on.
import socket

from client import Client
from files_on_disk import files_with
from ground import Wrapped, tried, wrapped
from oracle import History
from raw_socket import RawSocket
from stubborn import party_of, place
from support import Server, data_directory, eventually, run_program

# How the log goes nowhere; {server} is the program.
WAYS = {
    "a full device": 'exec {server} "$@" 2>/dev/full',
    "no descriptor": 'exec {server} "$@" 2>&-',
    "neither input nor a descriptor": 'exec {server} "$@" <&- 2>&-',
    "a pipe that nobody reads any more": """exec bash -c 'exec "$0" "$@" 2> >(exec true)' {server} "$@" """,
}
STARTED = ["info started version=", '"event":"started"']
WRITERS, READERS = ["writer0", "writer1"], ["reader0"]


async def serves_on(line, options, size, findings, what):
    async with wrapped(line, *options) as running:
        tokens = await running.tokens([*WRITERS, *READERS, "judge"])
        party = await party_of(History(), tokens, place(running.address), WRITERS, READERS).gather()
        for number in range(size.of(2, 50)):
            await party.write(f"{what} {number}", 20)
            raw = await RawSocket.open(running)  # something to complain about
            await raw.send(b"\x16\x03\x01 no HTTP at all\r\n\r\n")
            await raw.answer()
            raw.end()
        findings.check(running.alive, f"{what}: the server lives")
        written = files_with(running.data, STARTED)
        findings.check(not written, f"{what}, {' '.join(options[2:]) or 'text'}: log lines in the data directory", written)
        await party.judged(running, tokens["judge"], findings, what)
        late = await Client.open(running, tokens["judge"])
        findings.check((await late.ask("ping"))["type"] == "pong", f"{what}: newcomers are served")
        await late.close()
        findings.check(await running.stop() < 5, f"{what}: it ends in good order")


async def with_none_at_all(findings):
    """Input, output and errors are closed: the first files that are opened get their numbers."""
    with data_directory() as data:
        server = await Server(data, release=True).start()
        await server.stop()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = free.getsockname()
        closed = Wrapped(data, 'exec {server} "$@" <&- >&- 2>&-')
        await closed.launch("--log-level", "debug", listen=f"{address[0]}:{address[1]}")
        closed.address = address
        await eventually(lambda: answers(address), "the server answers")
        await closed.stop()
        written = files_with(data, STARTED)
        findings.check(not written, "neither input, output nor errors: log lines in the data directory", written)
        sound = await run_program(server.binary, "check", "--data", str(data))
        findings.check(sound[0] == 0, "neither input, output nor errors: the data afterwards", sound[1][-300:])


def answers(address):
    with socket.socket() as asking:
        return asking.connect_ex(address) == 0


def run(size, server):
    async def main(findings):
        for options in (("--log-level", "debug"), ("--log-level", "debug", "--log-format", "json")):
            for what, line in WAYS.items():
                await serves_on(line, options, size, findings, what)
        await with_none_at_all(findings)
        findings.note(", ".join(WAYS) + ", each with text and JSON at level debug")

    return tried("messages while nothing can be logged", main)
