# Installs the libraries and builds every example against what is installed, as the README has it; and runs them.
import pathlib
import re
import subprocess
import tempfile

from installed import BUILD, CHAT, SOURCE, call, chat, check_headers, check_pkg_config, cpu
from support import Server, data_directory, done, note, require, run

PLACE = BUILD / "embedding"  # kept, so that what did not change is not built again
CLONE = PLACE / "clone"
PREFIX = CLONE / "build/usr"
EXAMPLES = CLONE / "build/examples"
OF_THE_SERVER = ["./usr/bin/parleyd", "./usr/lib/systemd/system/parleyd.service", "./usr/lib/systemd/system/parleyd.socket",
                 "./usr/lib/sysusers.d/parley.conf", "./usr/share/parley/alerts.yml", "./usr/share/parley/dashboard.json",
                 "./usr/share/parley/page/index.html", "./usr/share/parley/page/admin.html", "./usr/share/doc/parley/operations.md"]


def quick_start():
    """The README's way in, in what looks like a clone behind its first step, `./dev build release`."""
    readme = (SOURCE / "README.md").read_text()
    built, steps = re.search(r"^### Inside a C.*?^```sh\n(.*?) && (.*?)^```", readme, re.M | re.S).groups()
    require(built == "./dev build release", "the first step is the build of what is tested here", built)
    (CLONE / "build").mkdir(parents=True, exist_ok=True)
    for name, what in (("build/release", BUILD), ("examples", SOURCE / "examples")):
        (CLONE / name).unlink(missing_ok=True)
        (CLONE / name).symlink_to(what)
    for step in steps.splitlines():
        printed = call("bash", "-c", step, cwd=CLONE)
    for line in CHAT:
        require(line in printed, "the two have talked", printed[-2000:])
    done("the README's way into a program")


def example(name, *lines):
    with tempfile.TemporaryDirectory() as folder:
        printed = call(EXAMPLES / name, pathlib.Path(folder) / "data", patience=60)
        for line in lines:
            require(line in printed, "the example prints what it should", name, line, printed)
        done(f"the example `{name}` runs")


def gateway():
    with tempfile.TemporaryDirectory() as folder:
        node = subprocess.Popen([EXAMPLES / "gateway_node", pathlib.Path(folder) / "data"], text=True,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            first = node.stdout.readline().split()
            require(first[:1] == ["port"], "the node says where it is", first)
            printed = call(EXAMPLES / "remote_node", first[1], patience=60)
            for line in ("alive 7", "number 2, and again 2", "message 2 hello from another process",
                         "the room has 2 events"):
                require(line in printed, "the other process takes part", line, printed)
            node.stdin.write("\n")
            node.stdin.close()
            require(node.wait(30) == 0, "the node ends in order")
        finally:
            node.kill()
            node.wait()
            node.stdout.close()
    done("two processes speak through CAF's middleman")


def check_packages():
    """The server is in one package, what programs need that embed it in the other."""
    folder = PLACE / "packages"
    call("cpack", "--config", BUILD / "CPackConfig.cmake", "-B", folder, "-D", "CPACK_DEBIAN_COMPRESSION_TYPE=gzip")
    packages = {path.name.split("_")[0]: path for path in folder.glob("*.deb")}
    require(sorted(packages) == ["libparley-dev", "parleyd"], "there are two packages", packages)
    for package, has, has_not in (("parleyd", OF_THE_SERVER, "./usr/include/"),
                                  ("libparley-dev", ["./usr/include/parley/engine.hpp"], "./usr/bin/")):
        files = [line.split(None, 5)[5] for line in call("dpkg-deb", "--contents", packages[package]).splitlines()]
        require(not set(has) - set(files), "the package has what it should", package, set(has) - set(files))
        require(not any(file.startswith(has_not) for file in files), "and nothing else", package, has_not)
    needs = call("dpkg-deb", "--field", packages["parleyd"], "Depends")
    require("libcaf-core" in needs and "liblmdb0" in needs, "the server's package says what it needs", needs)
    require("postinst" in call("dpkg-deb", "--info", packages["parleyd"]), "and makes the server's user")
    done("two Debian packages are made")
    return packages["parleyd"]


async def serve_page(package):
    """The server finds the page that its package brings."""
    with data_directory() as data, tempfile.TemporaryDirectory() as folder:
        call("dpkg-deb", "--extract", package, folder)
        server = Server(data)
        server.binary = pathlib.Path(folder) / "usr/bin/parleyd"
        await server.start()
        page = call("curl", "--fail", "--silent", f"http://{server.http}/messages")
        require('<title>Messages</title>' in page, "the messages page", page)
        await server.stop()
    done("the package's server has its page")


async def main():
    begun = cpu()
    quick_start()
    check_headers(PREFIX)
    note(f"built in {cpu() - begun:.0f} s of CPU")
    chat(EXAMPLES / "embed_minimal")
    done("the example `embed_minimal` runs")
    example("bot", "the bot says: 4 words")
    example("bridge", "bridge: one line from the other side", "bridge: and another one")
    example("custom_store_hook", "sent: a plain note", "sent: call ### ####", "refused: no advertising, please")
    example("embed_server", "listens on 127.0.0.1:", "greeter: the server is there")
    gateway()
    check_pkg_config(PREFIX, EXAMPLES)
    before = cpu()
    package = check_packages()
    note(f"packed in {cpu() - before:.0f} s of CPU")
    await serve_page(package)
    note(f"{cpu() - begun:.0f} s of CPU in all")


if __name__ == "__main__":
    run(main)
