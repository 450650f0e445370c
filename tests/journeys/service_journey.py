# What a service manager hears: that the server is ready, goes on, and stops; what the unit files say and the image has.
import asyncio
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import tempfile

from client import Client
from support import Server, data_directory, done, note, program, require, run, run_program, serving

DEPLOY = pathlib.Path(__file__).resolve().parents[2] / "deploy"
UNIT = DEPLOY / "parleyd.service"
SOCKET = DEPLOY / "parleyd.socket"
USERS = DEPLOY / "parley.sysusers"
MOST_EXPOSED = 20  # tenths, as `systemd-analyze security` counts


async def heard(listener, patience=20):
    return (await asyncio.wait_for(asyncio.get_running_loop().sock_recv(listener, 1000), patience)).decode()


def waiting(listener):
    """What was said and not heard yet."""
    said = []
    with contextlib.suppress(BlockingIOError):
        while True:
            said.append(listener.recv(1000).decode())
    return said


async def told(data, place, listener):
    """READY once it takes work, WATCHDOG for as long as it goes on, STOPPING before the end."""
    os.environ |= {"NOTIFY_SOCKET": place, "WATCHDOG_USEC": "1000000"}
    server = Server(data)
    await server.start()
    require(await heard(listener) == "READY=1", "ready")
    limits = pathlib.Path(f"/proc/{server.pid}/limits").read_text()
    require(re.search(r"^Max core file size +0 +0 ", limits, re.M), "no core tells what was in memory", limits)
    client = await Client.open(server, await server.token("alice"))
    for _ in range(3):
        require(await heard(listener) == "WATCHDOG=1", "it goes on")
    for _ in range(6):  # reading files again is no reason to be silent, and no end
        server.process.send_signal(signal.SIGHUP)
        await asyncio.sleep(0.3)
    said = waiting(listener)
    require(len(said) >= 2 and set(said) == {"WATCHDOG=1"}, "it goes on", said)
    require((await client.ask("ping"))["type"] == "pong", "and serves")
    stopped = asyncio.create_task(server.stop())
    said = await heard(listener)
    while said == "WATCHDOG=1":
        said = await heard(listener)
    require(said == "STOPPING=1", "it stops", said)
    await stopped
    os.environ["WATCHDOG_PID"] = "1"
    await server.start()
    require(await heard(listener) == "READY=1", "ready")
    await asyncio.sleep(1.2)
    await server.stop()
    require(await heard(listener) == "STOPPING=1", "a watchdog of another process hears nothing")
    for name in ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"):
        del os.environ[name]
    await server.start()
    await server.stop()
    require(not waiting(listener), "where nobody asked nobody is told")
    await server.check()
    done("a service manager told", 3)


async def units(folder):
    """The unit files are ones that systemd understands, for one port and a user that is made; and the server is locked in."""
    service, held = UNIT.read_text(), SOCKET.read_text()
    port, user = re.search(r"--listen (\S+)", service)[1], re.search(r"^User=(\w+)$", service, re.M)[1]
    require(f"\nListenStream={port}\n" in held, "the socket has the port that the service would take", port, held)
    if not shutil.which("systemd-analyze"):
        return note("systemd-analyze is not here: the units were not looked at")
    for unit, text in ((UNIT, service), (SOCKET, held)):  # it looks whether there is such a program, too
        (folder / unit.name).write_text(text.replace("/usr/bin/parleyd", program(release=True)))
    code, out, err = await run_program("systemd-analyze", "verify", *[str(folder / unit.name) for unit in (UNIT, SOCKET)])
    require((code, out, err) == (0, "", ""), "systemd has nothing to say of them", code, out, err)
    code, out, err = await run_program("systemd-analyze", "security", "--offline=yes", f"--threshold={MOST_EXPOSED}", str(UNIT))
    require(code == 0, "a server that is locked in", out[-500:], err[-500:])
    installed = folder / "usr/lib/sysusers.d"
    installed.mkdir(parents=True)
    shutil.copy(USERS, installed / "parley.conf")
    code, _, said = await run_program("systemd-sysusers", "--dry-run", f"--root={folder}", "parley.conf")
    require(code == 0 and f"Creating user '{user}'" in said, "its user is made", user, code, said)
    done("units, sandbox and user", 4)


async def printed(*command):
    code, out, err = await run_program(*command)
    require(code == 0, "the command ends well", command, err[-500:])
    return out


async def image():
    """No image is built here; but its packages bring all that the program links, and its health check tells."""
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    listed = re.search(r"apt-get install.*?recommends(.*?)&&", dockerfile, re.S)[1].replace("\\", " ").split()
    only = [f"--no-{kind}" for kind in ("recommends", "suggests", "conflicts", "breaks", "replaces", "enhances")]
    brought = set(re.findall(r"^[\w.+-]+", await printed("apt-cache", "depends", "--recurse", *only, *listed), re.M))
    libraries = re.findall(r"^\s+(\S+) => /", await printed("ldd", program(release=True)), re.M)
    owned = re.findall(r"^([^:]+):.*/(\S+)$", await printed("dpkg", "--search", *[f"*/{each}" for each in libraries]), re.M)
    missing = set(libraries) - {library for package, library in owned if package in brought}
    require(libraries and not missing, "the image has each library", missing)
    check = json.loads(re.search(r"HEALTHCHECK.*CMD (\[.*\])", dockerfile)[1])
    async with serving() as server:
        here = [word.replace("127.0.0.1:8080", server.http) for word in check]
        require(here != check, "it asks the server", check)
        await printed(*here)
        await server.stop()
        code, _, _ = await run_program(*here)
        require(code != 0, "a server that is gone is not healthy", code)
    done("the image's libraries and its health check", len(libraries))


async def main():
    with data_directory() as data, tempfile.TemporaryDirectory() as folder:
        place = os.path.join(folder, "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            listener.bind(place)
            listener.setblocking(False)
            await told(data, place, listener)
        await units(pathlib.Path(folder))
    await image()


if __name__ == "__main__":
    run(main)
