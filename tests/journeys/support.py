# Starts and stops servers, makes tokens, and reports what a journey has checked.
import asyncio
import contextlib
import os
import pathlib
import shutil
import signal
import ssl
import sys
import tempfile
import time
import traceback

PATIENCE = 20  # seconds for anything that should take milliseconds, under a sanitizer and a busy machine
READY_PATIENCE = 30
STOP_PATIENCE = 20


class Failed(AssertionError):
    """A check of a journey did not hold."""


def require(holds, what, *facts):
    """Fails the journey unless `holds`; the facts go into the message."""
    if not holds:
        raise Failed(": ".join([what, *(repr(fact) for fact in facts)]))


def done(what, times=1):
    """Reports one check that held, and how often it was tried."""
    print(f"ok  {what} ({times}x)", flush=True)


def note(what):
    """Reports a fact that is no check."""
    print(f"    {what}", flush=True)


def program(release=False):
    """The server's binary: the release one when asked for and present."""
    chosen = os.environ.get("PARLEYD_RELEASE") if release else None
    if chosen and os.path.exists(chosen):
        return chosen
    path = os.environ.get("PARLEYD")
    require(path and os.path.exists(path), "PARLEYD must name the server's binary", path)
    return path


class Server:
    """One parleyd process on a data directory."""

    running = []

    def __init__(self, data, release=False):
        self.data = pathlib.Path(data)
        self.binary = program(release)
        self.process = None
        self.address = None
        self.certificate = None  # files of a certificate and its key
        self.trust = None        # what clients need to believe in it
        self.listening = None    # a socket that is held open for it, as systemd does
        self.started_in = None
        self._log = None

    def secure(self, certificate, key):
        """From the next start on it speaks TLS, and clients trust this certificate alone."""
        self.certificate = (certificate, key)
        self.trust = ssl.create_default_context(cafile=certificate)
        return self

    async def start(self, *options, listen="127.0.0.1:0", limit_files=None):
        """Starts the process and waits until it says where it listens."""
        await self.launch(*options, listen=listen, limit_files=limit_files)
        return await self.ready()

    async def ready(self):
        """Waits until a launched process says where it listens."""
        begun = time.monotonic()
        line = await within(READY_PATIENCE, self._first_line(), "the server's `ready on`")
        ready = f"ready on {'https' if self.certificate else 'http'}://"
        require(line.startswith(ready), "the server is not ready", line, self.words())
        self.started_in = time.monotonic() - begun
        host, _, port = line[len(ready):].strip().rpartition(":")
        self.address = (host, int(port))
        return self

    async def launch(self, *options, listen="127.0.0.1:0", limit_files=None):
        """Starts the process and waits for nothing."""
        command = [self.binary, "--listen", listen, "--data", str(self.data)]
        if "--rate-limit" not in options:
            command += ["--rate-limit", "off"]
        if self.certificate:
            command += ["--tls-cert", str(self.certificate[0]), "--tls-key", str(self.certificate[1])]
        if limit_files:
            command = ["sh", "-c", f'ulimit -n {limit_files}; exec "$0" "$@"', *command]
        held = ()
        if self.listening:
            held = (self.listening.fileno(),)
            command = ["bash", "-c", 'exec 3<&"$0"; LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"', str(held[0]), *command]
        self._log = tempfile.NamedTemporaryFile(prefix="parleyd-", suffix=".log")
        self.process = await asyncio.create_subprocess_exec(
            *command, *options, stdout=asyncio.subprocess.PIPE, stderr=self._log, pass_fds=held)
        Server.running.append(self)

    async def _first_line(self):
        line = await self.process.stdout.readline()
        return line.decode(errors="replace")

    @property
    def pid(self):
        return self.process.pid

    @property
    def http(self):
        return f"{self.address[0]}:{self.address[1]}"

    @property
    def alive(self):
        return self.process is not None and self.process.returncode is None

    async def wait(self, patience=STOP_PATIENCE):
        """The exit code, once the process has ended."""
        code = await within(patience, self.process.wait(), "the server's end")
        if self in Server.running:
            Server.running.remove(self)
        return code

    async def stop(self):
        """Ends it with SIGTERM; the exit code must be 0. Returns the seconds it took."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = await self.wait()
        require(code == 0, "SIGTERM must end the server with 0", code, self.words())
        return time.monotonic() - begun

    async def kill(self):
        """Ends it with SIGKILL, as a crash would."""
        self.process.kill()
        return await self.wait()

    def words(self, most=6000):
        """The end of what the server wrote to standard error."""
        if self._log is None:
            return ""
        with open(self._log.name, "rb") as log:
            return log.read()[-most:].decode(errors="replace")

    @property
    def sanitized(self):
        """Whether it was built with a sanitizer, which keeps freed memory and needs descriptors of its own."""
        return any(name in pathlib.Path(self.binary).read_bytes() for name in (b"__asan_init", b"__ubsan_handle", b"__tsan_init"))

    def memory(self, which="VmRSS"):
        """Resident bytes; with "RssAnon" those that are no file's."""
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(f"{which}:"):
                return int(line.split()[1]) * 1024
        raise Failed(f"no {which} for the server")

    def cpu_seconds(self):
        """Processor time used so far."""
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def descriptors(self):
        """How many file descriptors it has open."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def sockets(self):
        """How many sockets it has open; its store opens files whenever it needs them."""
        count = 0
        for each in os.listdir(f"/proc/{self.pid}/fd"):
            with contextlib.suppress(FileNotFoundError):  # it was closed meanwhile
                count += os.readlink(f"/proc/{self.pid}/fd/{each}").startswith("socket:")
        return count

    async def tokens(self, users, ttl="24h"):
        """One token for each user, as a dictionary."""
        with tempfile.NamedTemporaryFile("w", suffix=".users") as file:
            file.write("".join(f"{user}\n" for user in users))
            file.flush()
            printed = await self.tool("token", "--data", str(self.data), "--users", file.name, "--ttl", ttl)
        lines = printed.split()
        require(len(lines) == len(users), "`token --users` prints one token a line", len(lines), len(users))
        return dict(zip(users, lines))

    async def token(self, user, ttl="24h", admin=False):
        rights = ["--admin"] if admin else []
        printed = await self.tool("token", "--data", str(self.data), "--user", user, "--ttl", ttl, *rights)
        return printed.strip()

    async def tool(self, *arguments, code=0):
        """The standard output of a subcommand, which must end with `code`."""
        ended, out, err = await run_program(self.binary, *arguments)
        require(ended == code, f"parleyd {arguments[0]} must exit with {code}", ended, out[-2000:], err[-4000:])
        return out

    async def check(self):
        """Requires `parleyd check` to find the data sound."""
        await self.tool("check", "--data", str(self.data))


async def run_program(*command, patience=60):
    """Exit code, standard output and standard error of a program that ends by itself."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
    try:
        out, err = await within(patience, process.communicate(), f"the end of {command[:2]}")
    except Failed:
        process.kill()
        raise
    return process.returncode, out.decode(errors="replace"), err.decode(errors="replace")


async def within(seconds, awaitable, what):
    """The result of `awaitable`, or a failure that names what did not come in time."""
    try:
        return await asyncio.wait_for(awaitable, seconds)
    except asyncio.TimeoutError:
        raise Failed(f"no sign of {what} within {seconds} s") from None


async def eventually(holds, what, seconds=PATIENCE, pause=0.02):
    """Asks `holds()` again and again until it is true, or fails at the deadline."""
    end = time.monotonic() + seconds
    while not holds():
        require(time.monotonic() < end, f"not within {seconds} s", what)
        await asyncio.sleep(pause)


@contextlib.contextmanager
def data_directory():
    """A fresh data directory, gone afterwards."""
    root = tempfile.mkdtemp(prefix="parley-journey-")
    path = pathlib.Path(root) / "data"
    path.mkdir()
    try:
        yield path
    finally:
        shutil.rmtree(root, ignore_errors=True)


@contextlib.asynccontextmanager
async def serving(*options, release=False, limit_files=None, listen="127.0.0.1:0"):
    """A server on fresh data; stopped in good order at the end, its data checked."""
    with data_directory() as data:
        server = await Server(data, release).start(*options, listen=listen, limit_files=limit_files)
        yield server
        if server.alive:
            await server.stop()
        await server.check()


async def kill_what_runs():
    for server in list(Server.running):
        with contextlib.suppress(ProcessLookupError):
            server.process.kill()
        with contextlib.suppress(Failed):
            await server.wait()


def tell_failure():
    traceback.print_exc()
    for server in Server.running:
        print(f"--- the last words of server {server.pid} ---\n{server.words()}", file=sys.stderr)


async def _travel(main, patience):
    try:
        await within(patience, main(), "the journey's end")
        done("every server of the journey has ended")
        require(not Server.running, "servers left running", len(Server.running))
        return 0
    except (Exception, asyncio.CancelledError):  # whatever it was: say it, and leave no server behind
        tell_failure()
        return 1
    finally:
        await kill_what_runs()


def run(main, patience=240):
    """Runs a journey to its end; the process exits 0 only when every check held."""
    begun = time.monotonic()
    code = asyncio.run(_travel(main, patience))
    print(f"{'passed' if code == 0 else 'FAILED'} in {time.monotonic() - begun:.1f} s", flush=True)
    sys.exit(code)
