# Installs the libraries and builds every example against what is installed, as the README has it; and runs them.
import os
import pathlib
import re
import resource
import subprocess
import tempfile

from support import done, note, program, require, run

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
BUILD = pathlib.Path(program(release=True)).resolve().parent
PLACE = BUILD / "embedding"  # kept, so that what did not change is not built again
CLONE = PLACE / "clone"
PREFIX = CLONE / "build/usr"
EXAMPLES = CLONE / "build/examples"
CHAT = ("bob reads: Hello bob!", "alice reads: Hello alice, too.")


def call(*words, patience=600, **how):
    """What a command prints; it must end well."""
    ended = subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, text=True, timeout=patience, **how)
    require(ended.returncode == 0, "the command ends well", words, ended.stdout[-4000:])
    return ended.stdout


def cpu():
    of_children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return of_children.ru_utime + of_children.ru_stime


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


def check_headers():
    headers = sorted(path.relative_to(PREFIX / "include") for path in PREFIX.glob("include/**/*.hpp"))
    require(pathlib.Path("parley/engine.hpp") in headers, "the engine's header is installed", headers)
    for header in headers:
        text = (PREFIX / "include" / header).read_text()
        require('#include "' not in text, "an installed header names others by their installed path", header)
    done("no installed header refers to the sources", len(headers))


def check_pkg_config():
    """What pkg-config says is enough to link an example's object."""
    places = sorted({str(path.parent) for path in PREFIX.glob("lib/**/parley-engine.pc")})
    surroundings = os.environ | {"PKG_CONFIG_PATH": ":".join(places)}
    flags = call("pkg-config", "--cflags", "--libs", "parley-engine", env=surroundings).split()
    objects = sorted(EXAMPLES.glob("**/embed_minimal*/**/*.o"))
    require(len(objects) == 1, "there is one object", objects)
    linked = PLACE / "by_pkg_config"
    call("c++", objects[0], "-Wl,--strip-debug", "-o", linked, *[flag for flag in flags if not flag.startswith("-D")])
    call("pkg-config", "--exists", "parley-server", env=surroundings)
    chat(linked)
    done("pkg-config says all that is needed")


def chat(which):
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(2):  # a second time everything is there already
            printed = call(which, pathlib.Path(folder) / "data", patience=60)
            for line in CHAT:
                require(line in printed, "the two have talked", printed)


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
    for package, has, has_not in (("parleyd", "./usr/bin/parleyd", "./usr/include/"),
                                  ("libparley-dev", "./usr/include/parley/engine.hpp", "./usr/bin/")):
        files = [line.split(None, 5)[5] for line in call("dpkg-deb", "--contents", packages[package]).splitlines()]
        require(has in files, "the package has what it should", package, has)
        require(not any(file.startswith(has_not) for file in files), "and nothing else", package, has_not)
    needs = call("dpkg-deb", "--field", packages["parleyd"], "Depends")
    require("libcaf-core" in needs and "liblmdb0" in needs, "the server's package says what it needs", needs)
    done("two Debian packages are made")


async def main():
    begun = cpu()
    quick_start()
    check_headers()
    note(f"built in {cpu() - begun:.0f} s of CPU")
    chat(EXAMPLES / "embed_minimal")
    done("the example `embed_minimal` runs")
    example("bot", "the bot says: 4 words")
    example("bridge", "bridge: one line from the other side", "bridge: and another one")
    example("custom_store_hook", "sent: a plain note", "sent: call ### ####", "refused: no advertising, please")
    example("embed_server", "listens on 127.0.0.1:", "greeter: the server is there")
    gateway()
    check_pkg_config()
    before = cpu()
    check_packages()
    note(f"packed in {cpu() - before:.0f} s of CPU")
    note(f"{cpu() - begun:.0f} s of CPU in all")


if __name__ == "__main__":
    run(main)
