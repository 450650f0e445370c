# Runs the programs of docs/clients.md as they stand there, against a server.
import asyncio
import os
import pathlib
import re
import shutil
import sys
import tempfile

from rest import Rest, segment
from support import done, require, run, serving

HERE = pathlib.Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "docs" / "clients.md"
RUNNERS = {"python": ("client.py", [sys.executable]), "js": ("client.mjs", ["node"]), "sh": ("client.sh", ["bash", "-e"])}


def programs():
    """Each program of the page, by the heading it stands under."""
    found = re.findall(r"^## (.*?)$.*?^```(\w+)\n(.*?)^```", PAGE.read_text(), re.M | re.S)
    require(len(found) == PAGE.read_text().count("\n## "), "a program under each heading", [heading for heading, *_ in found])
    return found


async def run_it(folder, language, text, surroundings):
    """What a program prints; it must end well."""
    name, runner = RUNNERS[language]
    file = pathlib.Path(folder) / name
    file.write_text(text)
    process = await asyncio.create_subprocess_exec(
        *runner, str(file), env=os.environ | surroundings, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
    printed, _ = await asyncio.wait_for(process.communicate(), 30)
    require(process.returncode == 0, "the program ends well", text, printed)
    return printed.decode()


async def main():
    async with serving() as server:
        token = await server.token("alice")
        alice = Rest(server, token)
        made = (await alice.good("POST", "/v1/conversations", {"kind": "group"}, 201, Idempotency_Key="clients"))["conversation"]
        surroundings = {"PARLEY": server.http, "TOKEN": token, "CONVERSATION": made}
        folder = tempfile.mkdtemp(prefix="programs-", dir=HERE)  # here, where Node finds its packages
        try:
            for heading, language, text in programs():
                said = re.search(r"Hello (?:from|by) \w+", text)[0]
                printed = await run_it(folder, language, text, surroundings)
                require(said in printed, "it prints what it said", heading, printed)
                page = await alice.good("GET", f"/v1/conversations/{segment(made)}/messages?limit=1")
                require([each.get("body") for each in page["events"]] == [said], "and it was said", heading, page)
                done(heading)
        finally:
            shutil.rmtree(folder)


if __name__ == "__main__":
    run(main)
