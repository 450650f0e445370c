# TLS on the one port: messages, bad clients, certificates that change while connections go on.
import asyncio
import os
import shutil
import signal
import socket
import ssl
import time
import warnings

from client import Client
from openssl import certificate
from raw_socket import RawSocket, request
from support import PATIENCE, Server, data_directory, done, eventually, note, require, run, within

HEADER_DEADLINE = 10
LIVEZ = b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


# --- Clients --------------------------------------------------------------------------------------

def greeting():
    """The first flight of a handshake."""
    out = ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), out, server_hostname="localhost")
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return out.read()


async def half_closed(server, context):
    """The answer to a request right behind which the client has said that it sends nothing more."""
    received, out = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(received, out, server_hostname="localhost")
    raw = await RawSocket.open(server, plain=True)

    async def drive(step):
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                await raw.send(out.read())
                received.write(await within(PATIENCE, raw.reader.read(65536), "the server's part"))

    await drive(client.do_handshake)
    client.write(LIVEZ)
    try:
        client.unwrap()
    except ssl.SSLWantReadError:
        pass
    answer = await drive(lambda: client.read(65536))
    raw.end()
    return answer


def handshake(server, context):
    """A blocking TLS connection; whoever calls this does so on a thread of its own."""
    plain = socket.create_connection(server.address, timeout=PATIENCE)
    return context.wrap_socket(plain, server_hostname="localhost", suppress_ragged_eofs=False)


async def asked(server, context, question=LIVEZ):
    """Version, protocol and answer of one request, read to a close_notify: an end without one raises."""
    def ask():
        with handshake(server, context) as secure:
            secure.sendall(question)
            answer = b"".join(iter(lambda: secure.recv(65536), b""))
            return secure.version(), secure.selected_alpn_protocol(), answer
    return await asyncio.to_thread(ask)


async def fails(server, context):
    """Whether the handshake, or the first read after it, is refused."""
    try:
        await asked(server, context)
    except (ssl.SSLError, ConnectionError):
        return True
    return False


def trusting(certificate, **settings):
    context = ssl.create_default_context(cafile=certificate)
    for name, value in settings.items():
        setattr(context, name, value)
    return context


# --- Messages -------------------------------------------------------------------------------------

async def conversation_of(writer, reader, tag):
    """Bodies of every size through the room, as answers, as events and as history."""
    room = (await writer.ask("create", kind="direct", with_=reader.welcome["user"]))["conversation"]
    bodies = [f"{tag}-{i}-" + "x" * size for i, size in enumerate([0, 1, 100, 5000, 16000, 16384 - 20] * 50)]
    bodies = [body + "y" * (16384 - len(body)) if i % 6 == 5 else body for i, body in enumerate(bodies)]
    for begin in range(0, len(bodies), 25):
        part = range(begin, begin + 25)
        answers = await asyncio.gather(*(writer.send(room, f"{tag}-{i}", bodies[i]) for i in part))
        for i, sent in zip(part, answers):
            event = await reader.expect("message", conversation=room, seq=sent["seq"])
            require(event["body"] == bodies[i], "the body arrives as it was sent", i, len(event["body"]))
    pulled = [event["body"] for event in await reader.pull(room, 0) if event["type"] == "message"]
    require(sorted(pulled[-len(bodies):]) == sorted(bodies), "history has all of them", len(pulled))
    return len(bodies)


async def messages(server, tokens):
    """A few hundred messages in each encoding, up to the largest body."""
    for encoding in ("msgpack", "json"):
        alice = await Client.open(server, tokens["alice"], encoding)
        bob = await Client.open(server, tokens["bob"], encoding)
        count = await conversation_of(alice, bob, encoding)
        for client in (alice, bob):
            await client.close()
            require(client.socket.close_code == 1000, "an orderly end", client.socket.close_code)
        done(f"messages of up to 16 KiB over wss, {encoding}", count)


async def slow_reader(server, tokens):
    """A reader that pauses misses nothing, and what was half written when it did is not garbled."""
    alice = await Client.open(server, tokens["alice"])
    slow = await Client.open(server, tokens["carol"], receive_buffer=4096)
    room = (await alice.ask("create", kind="direct", with_="carol"))["conversation"]
    await slow.expect("joined", conversation=room)
    slow.pause()
    for begin in range(0, 640, 32):
        await asyncio.gather(*(alice.send(room, f"slow-{begin + i}", f"{begin + i} " + "z" * 12000) for i in range(32)))
    slow.resume()
    last = await alice.send(room, "slow-last", "the last")
    await eventually(lambda: any(each["type"] in ("message", "gap") and max(each.get("seq", 0), each.get("to", 0)) >= last["seq"]
                                 for each in slow.seen), "the newest number")
    seen = {}
    for each in slow.seen:
        if each["type"] == "message":
            seen[each["seq"]] = each["body"]
        elif each["type"] == "gap":
            seen |= {n: None for n in range(each["from"], each["to"] + 1)}
    require(set(range(2, last["seq"] + 1)) <= seen.keys(), "every number is shown or named by a gap", len(seen))
    for event in await slow.pull(room, 1):
        shown = seen.get(event["seq"])
        require(shown in (None, event["body"]), "what is shown is what was sent", event["seq"])
    note(f"{sum(body is None for body in seen.values())} of {len(seen)} came as gaps")
    await slow.close()
    await alice.close()
    done("a slow reader over wss", len(seen))


# --- Bad clients ----------------------------------------------------------------------------------

async def cut_off(server):
    """Handshakes that do not end are cut off with the headers' deadline; so is silence behind one."""
    first = greeting()
    silent, half, trickling = [await RawSocket.open(server, plain=True) for _ in range(3)]
    await half.send(first[:len(first) // 2])
    waiting = await RawSocket.open(server)
    await waiting.send(b"GET /livez HTTP/1.1\r\n")
    begun = time.monotonic()

    async def trickle():
        for byte in first[:20]:
            await trickling.send(bytes([byte]))
            await asyncio.sleep(1)

    drip = asyncio.create_task(trickle())
    for raw in (silent, half, trickling):
        require(await within(HEADER_DEADLINE + PATIENCE, raw.rest(), "the end of a slow handshake") == b"", "nothing is said")
        took = time.monotonic() - begun
        require(HEADER_DEADLINE - 2 < took < HEADER_DEADLINE + 5, "after ten seconds", took)
        raw.end()
    require((await waiting.answer())[0] == 408, "a slow request behind a handshake gets 408")
    waiting.end()
    drip.cancel()
    done("slow handshakes are cut off after ten seconds", 4)


async def not_tls(server):
    """What is no handshake ends the connection, at once."""
    garbage = [LIVEZ, request(), os.urandom(500), b"\x16\x03\x01" + os.urandom(5000), b"\x15\x03\x01\x00\x02\x02\x28", b"\x80" * 64]
    begun = time.monotonic()
    for data in garbage:
        raw = await RawSocket.open(server, plain=True)
        await raw.send(data)
        raw.half_close()
        answer = await raw.rest()
        require(not answer.startswith(b"HTTP"), "no plain answer", answer[:40])
        raw.end()
    require(time.monotonic() - begun < HEADER_DEADLINE, "none of them waited for a deadline")
    done("plain HTTP and rubbish against the TLS port", len(garbage))


async def agreements(server, cert):
    """Versions and protocols, and an end that says it is one."""
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = trusting(cert, minimum_version=version, maximum_version=version)
        context.set_alpn_protocols(["h2", "http/1.1"])
        spoken, protocol, answer = await asked(server, context)
        require(spoken == version.name.replace("_", ".") and protocol == "http/1.1", "what is agreed", spoken, protocol)
        require(answer.startswith(b"HTTP/1.1 200"), "an answer", answer[:80])
        require((await half_closed(server, context)).startswith(b"HTTP/1.1 200"), "an answer behind a close_notify")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python knows that these versions are old
        old = trusting(cert, minimum_version=ssl.TLSVersion.TLSv1, maximum_version=ssl.TLSVersion.TLSv1_1)
    old.set_ciphers("ALL:@SECLEVEL=0")
    require(await fails(server, old), "TLS 1.1 is refused")
    foreign = trusting(cert)
    foreign.set_alpn_protocols(["h2"])
    require(await fails(server, foreign), "a client that speaks only other protocols is refused")
    done("TLS 1.2 and 1.3, http/1.1 by ALPN, close_notify at the end", 6)


# --- Certificates that change ---------------------------------------------------------------------

async def reload(server, event):
    """SIGHUP, and the log line that says how it went."""
    before = server.words(10**6).count(f" {event}")
    server.process.send_signal(signal.SIGHUP)
    await eventually(lambda: server.words(10**6).count(f" {event}") > before, event)


async def certificates_change(server, tokens, folder, files):
    """SIGHUP brings the new certificate to new connections, and only to them; a bad one to nobody."""
    old_trust = server.trust
    going_on = await Client.open(server, tokens["alice"])
    other = certificate(folder, "other")
    for source, target in zip(other, files):
        shutil.copy(source, target)
    await reload(server, "tls_reloaded")
    server.trust = trusting(other[0])
    require(await fails(server, old_trust), "the old certificate is not shown any more")
    renewed = await Client.open(server, tokens["bob"])
    require((await going_on.ask("ping"))["type"] == "pong", "the old connection goes on")
    await conversation_of(going_on, renewed, "renewed")
    third = certificate(folder, "third")
    for what, source, target in (("rubbish", b"rubbish", files[0]), ("another's key", third[1].read_bytes(), files[1]),
                                 ("a missing file", None, files[1])):
        good = target.read_bytes()
        if source is None:
            target.unlink()
        else:
            target.write_bytes(source)
        await reload(server, "tls_reload_failed")
        again = await Client.open(server, tokens["carol"])
        require((await again.ask("ping"))["type"] == "pong", "the certificate before stays in use", what)
        await again.close()
        target.write_bytes(good)
        require(str(target) in server.words(600), "the log line names the file", what, server.words(600))
    await reload(server, "tls_reloaded")
    for client in (going_on, renewed):
        require((await client.ask("ping"))["type"] == "pong", "those who were there go on")
        await client.close()
    done("SIGHUP: a new certificate for new connections, a bad one for none", 5)


async def wrong_files(data, cert, key):
    """A certificate that cannot be used ends the start with status 1."""
    wrong = [(data / "missing", key), (cert, data / "missing"), (key, cert), (cert, cert), (data, key)]
    for pair in wrong:
        server = Server(data).secure(cert, key)
        server.certificate = pair
        await server.launch()
        out = await server.process.stdout.read()
        code = await server.wait()
        require(code == 1 and not out and "cannot use" in server.words(), "a wrong file", pair, code, server.words())
    done("wrong certificate files: exit 1 and a reason", len(wrong))


async def main():
    with data_directory() as data:
        folder = data.parent
        files = certificate(folder, "first")
        server = await Server(data).secure(*files).start()
        tokens = await server.tokens(["alice", "bob", "carol"])
        slow = asyncio.create_task(cut_off(server))
        await messages(server, tokens)
        await slow_reader(server, tokens)
        await not_tls(server)
        await agreements(server, files[0])
        await slow
        await certificates_change(server, tokens, folder, files)
        last = await Client.open(server, tokens["alice"])
        await server.stop()
        require(await last.gone() == 1012, "SIGTERM says restart", last.socket.close_code)
        await server.check()
        await wrong_files(data, *certificate(folder, "good"))


if __name__ == "__main__":
    run(main)
