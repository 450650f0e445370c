# Goes the ways of the README's quick start as they stand there, in a folder that looks like a clone behind `./dev run --dev`.
import asyncio
import os
import pathlib
import re
import shutil
import tempfile

from support import data_directory, done, note, program, require, run, run_program, Server, within

SOURCE = pathlib.Path(__file__).resolve().parents[2]
README = (SOURCE / "README.md").read_text()
ADDRESS = "127.0.0.1:8080"  # of `./dev run`; the journey's server is elsewhere, which is all that is changed
# What is installed for the tests is enough for `npm ci`, too.
SURROUNDINGS = os.environ | {"npm_config_prefer_offline": "true", "npm_config_audit": "false", "npm_config_update_notifier": "false"}


def way(heading):
    """What stands under a heading of the quick start: its text, and its programs."""
    quick_start = re.search(r"^## Quick start\n(.*?)^## ", README, re.M | re.S)[1]
    text = re.search(rf"^### {heading}\n(.*?)(?=^### |\Z)", quick_start, re.M | re.S)[1]
    return text, re.findall(r"^```\w+\n(.*?)^```", text, re.M | re.S)


class Clone:
    """What is there behind a clone and `./dev run --dev`."""

    def __init__(self, folder, data):
        self.folder = pathlib.Path(folder)
        (self.folder / "build/release").mkdir(parents=True)
        (self.folder / "build/release/parleyd").symlink_to(pathlib.Path(program()).resolve())
        (self.folder / "data").symlink_to(data)
        shutil.copytree(SOURCE / "web", self.folder / "web", ignore=shutil.ignore_patterns("node_modules", "dist"))
        (self.folder / "web/page/node_modules").symlink_to(SOURCE / "web/page/node_modules")
        self.server = Server(data)

    def here(self, text):
        """A text of the README, with this server's address in it."""
        require(ADDRESS in text, "it says where the server is", text)
        return text.replace(ADDRESS, self.server.http)

    def start(self, *command):
        return asyncio.create_subprocess_exec(
            *command, cwd=self.folder, env=SURROUNDINGS, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)

    async def sh(self, text):
        """What a program for the shell prints; it must end well."""
        process = await self.start("bash", "-euo", "pipefail", "-c", text)
        printed, _ = await within(120, process.communicate(), text)
        require(process.returncode == 0, "the program ends well", text, printed)
        return printed.decode()


async def page(clone):
    """Whoever opens the address is led to the page, which asks for a name."""
    if not shutil.which("chromium"):
        return note("chromium is not here: the page was not looked at")
    text, _ = way("The page")
    address = re.search(r"Open (http://\S+) in", clone.here(text))[1]
    profile = clone.folder / "profile"
    code, document, said = await run_program(
        "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={profile}",
        "--virtual-time-budget=10000", "--dump-dom", address)
    require(code == 0, "the browser ends well", said[-2000:])
    for shown in ("<h1>Messages</h1>", "Your name", "any name will do"):
        require(shown in document, "the page lets in whoever says a name", shown, document[-2000:])
    done("the page")


async def build_sdk(clone):
    _, (build, _) = way("TypeScript")
    await clone.sh(build)


async def typescript(clone):
    _, (_, chat) = way("TypeScript")
    (clone.folder / "chat.mjs").write_text(clone.here(chat))
    alice = await clone.start("node", "chat.mjs", "alice", "bob")
    bob = None
    try:
        await told(alice, "on disk as number ")
        bob = await clone.start("node", "chat.mjs", "bob", "alice")
        number = await told(bob, "on disk as number ")
        require(await told(alice, f"{number} bob ") == "hello from bob", "she sees the number that he was told")
    finally:
        for each in filter(None, (alice, bob)):
            each.kill()
            await each.wait()
    done("TypeScript")


async def told(chat, beginning):
    """The rest of the first line that begins like this."""
    async def look():
        while line := (await chat.stdout.readline()).decode():
            if line.startswith(beginning):
                return line[len(beginning):].strip()
        return None
    rest = await within(30, look(), f"a line “{beginning}…”")
    require(rest is not None, "the chat says so before it ends", beginning)
    return rest


async def curl(clone):
    _, (requests,) = way("`curl`")
    said = re.search(r'"body": "(.*?)"', requests)[1]
    for _ in range(2):  # with its key it is said once, however often it is sent
        printed = await clone.sh(clone.here(requests))
        require(printed.count(said) == 1, "the page that comes back ends with it", printed)
    numbers = set(re.findall(r'"seq":(\d+)', printed))
    require(numbers == {"2"}, "the second time it is the same message", printed)
    done("curl", 2)


async def main():
    require(f"\nLISTEN={ADDRESS}\n" in (SOURCE / "dev").read_text(), "`./dev run` listens where the README says")
    with data_directory() as data, tempfile.TemporaryDirectory() as folder:
        clone = Clone(folder, data)
        await clone.sh("cd web/page && npm run --silent build -- --logLevel warn")  # as `./dev run` does
        await clone.server.start("--dev", "--page", str(clone.folder / "web/page/dist"))
        await asyncio.gather(page(clone), curl(clone), build_sdk(clone))
        await typescript(clone)
        await clone.server.stop()
        await clone.server.check()


if __name__ == "__main__":
    run(main)
