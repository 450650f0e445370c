# What `cmake --install` leaves, and how programs that are built against it are tried.
import os
import pathlib
import resource
import subprocess
import tempfile

from support import done, program, require

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(program(release=True)).resolve().parent
CHAT = ("bob reads: Hello bob!", "alice reads: Hello alice, too.")


def call(*words, patience=600, **how):
    """What a command prints; it must end well."""
    ended = subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, text=True, timeout=patience, **how)
    require(ended.returncode == 0, "the command ends well", words, ended.stdout[-4000:])
    return ended.stdout


def cpu():
    """Seconds that commands have taken so far."""
    of_children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return of_children.ru_utime + of_children.ru_stime


def check_headers(prefix):
    headers = sorted(path.relative_to(prefix / "include") for path in prefix.glob("include/**/*.hpp"))
    require(pathlib.Path("parley/engine.hpp") in headers, "the engine's header is installed", headers)
    for header in headers:
        text = (prefix / "include" / header).read_text()
        require('#include "' not in text, "an installed header names others by their installed path", header)
    done("no installed header refers to the sources", len(headers))


def chat(which):
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(2):  # a second time everything is there already
            printed = call(which, pathlib.Path(folder) / "data", patience=60)
            for line in CHAT:
                require(line in printed, "the two have talked", printed)


def check_pkg_config(prefix, built):
    """What pkg-config says is enough to link an example's object."""
    places = sorted({str(path.parent) for path in prefix.glob("lib/**/parley-engine.pc")})
    surroundings = os.environ | {"PKG_CONFIG_PATH": ":".join(places)}
    flags = call("pkg-config", "--cflags", "--libs", "parley-engine", env=surroundings).split()
    objects = sorted(built.glob("**/embed_minimal*/**/*.o"))
    require(len(objects) == 1, "there is one object", objects)
    linked = built / "by_pkg_config"
    call("c++", objects[0], "-Wl,--strip-debug", "-o", linked, *[flag for flag in flags if not flag.startswith("-D")])
    call("pkg-config", "--exists", "parley-server", env=surroundings)
    chat(linked)
    done("pkg-config says all that is needed")
