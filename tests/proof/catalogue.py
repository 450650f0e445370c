# Every row of the proof: what must hold, and what stands in where a row cannot be built.
import dataclasses
import pathlib

ROWS = pathlib.Path(__file__).resolve().parent / "rows"

SMOKE_SECONDS = 300  # on a machine that has much else to do
FULL_SECONDS = 1800


@dataclasses.dataclass(frozen=True)
class Row:
    """One promise and how it is put to the test."""

    id: str
    title: str
    criterion: str
    stands_in: str = ""     # tests outside the proof that show this, or a part of it, or why it cannot be built here
    smoke: float = SMOKE_SECONDS  # seconds it may take
    full: float = FULL_SECONDS

    @property
    def module(self):
        """The path of the program that tries it, or None when there is none yet."""
        found = sorted(ROWS.glob(f"{self.id.lower()}_*.py"))
        return found[0] if found else None


DISK = [
    Row("A1", "kill -9 under load",
        "no acknowledged message missing, none twice, numbers without gaps; half of the restarts within half a second, none over two, "
        "since 204 clients share the machine", "`journeys/kill9_journey.py`", full=5400),
    Row("A2", "failpoints on the way of a message",
        "as A1 without its times, with the process ended at each step of the way and by nothing else", full=5400),
    Row("A3", "power cuts, enumerated from a journal of writes",
        "every image opens, has every message acknowledged before the cut once and in order, and nothing nobody sent; also when the "
        "power goes while a restart catches up", full=5400),
    Row("A4", "unsynced data dropped under a live server",
        "as A1", "A3 drops what was not synced, at every write instead of on command"),
    Row("A5", "power cuts during the first start",
        "the next start makes a store or goes on with one that is whole; it never refuses for good"),
    Row("A6", "a sync that fails",
        "no acknowledgement for that batch or a later one; the process ends with a status; after a restart as A1"),
    Row("A7", "short, interrupted and refused writes",
        "no damage and no standstill; it goes on, or ends with a status: of a commit that failed nobody knows what is on disk"),
    Row("A8", "a full disk",
        "senders get `unavailable`, readers their answers; writing goes on by itself once there is room; as A1"),
    Row("A9", "a full map", "senders get `unavailable`, readers their answers, and the metrics say so; a larger map goes on; as A1"),
    Row("A10", "bits flipped, pages zeroed, files cut off",
        "`parleyd check` names it or nothing is different; a page of a server, the released one, is as it was or an error; where `check` "
        "names damage a message may lack its changes; a signal may end the server if that is said: LMDB believes its pages"),
    Row("A11", "memory that operator new is refused",
        "the process ends with a status and a word, as who asked would be left half done; nothing acknowledged is lost"),
    Row("A12", "a reader that never ends",
        "once it is gone, killed or restarted over, the model grows by no more than before and a quarter of what it held up: it is "
        "a process of its own, so no age ends it"),
    Row("A13", "backups under load", "each is whole, has exactly a beginning of the history, and a server on it shows and repeats it"),
    Row("A14", "older and newer formats", "an older one is read or refused by name, a newer one is refused, untouched"),
]

ORDER = [
    Row("B1", "the oracle", "finds every planted fault, and nothing in what a live server shows", "`journeys/oracle_test_journey.py`"),
    Row("B2", "linearizability", "every recorded history of titles set, messages sent and both read can be put into one order per conversation"),
    Row("B3", "durable before visible", "nobody was shown, by an answer, an event or a page over REST, what a crash undid"),
    Row("B4", "retries across kills", "one number and one answer for each client_id"),
    Row("B5", "the seams of a resume", "nothing missing or twice: all, or the newest 500 and a gap that names the others, or an explicit reset",
        "`journeys/resume_journey.py`"),
    Row("B6", "removal while messages are under way", "nothing with a number past the removal is delivered",
        "`simulation_test`"),
    Row("B7", "cursors of several devices at once", "none goes back", "`persistence_receipts_test`, `journeys/receipts_journey.py`"),
    Row("B8", "the whole engine simulated", "no broken promise; a failure is replayed bit for bit by its seed, and made small",
        "`simulation_test` under the sanitizers", full=3600),
]

LOAD = [
    Row("C1", "slow readers", "they get `gap`, then are closed; nobody else's message takes two seconds; memory stays bounded",
        "`journeys/slow_reader_journey.py`"),
    Row("C2", "a sync that takes two seconds", "reading from sockets pauses, memory is flat, it drains afterwards"),
    Row("C3", "one hot conversation",
        "beside one of 10,000 members a quiet pair's p99 stays below 0.5 s; its ratio is told, not judged: writers and readers share two cores with the server"),
    Row("C4", "twice the capacity",
        "at least nine tenths of the peak; what is too much is not read, so nothing need be refused, and nobody is closed; as before within 5 s"),
    Row("C5", "everybody reconnects",
        "all of 5,000, which one process on the server's two cores can be, are back within 15 s, with and without jitter; nobody else waits 2 s"),
    Row("C6", "a storm of sign-ins", "good ones get in, no bad one does, and who is in waits less than a second; the limit of an address holds"),
    Row("C7", "a long run",
        "over the last quarter of an hour memory grows by at most 1 % and 3 MiB, descriptors stay, and a pair's median and p99 by at most a tenth and 1 ms", full=2400),
    Row("D1", "no file descriptors left", "an idle processor, `/livez` answers, accepting goes on within a second once there are some",
        "`journeys/limits_journey.py`"),
    Row("D2", "accept that fails", "as D1"),
    Row("D3", "no threads, no memory at the start", "a message and an exit status, or it serves"),
    Row("D4", "a bound of memory", "who writes or reads stays while others stand still; or it ends, is started again, and nothing acknowledged is lost"),
    Row("D5", "the log's disk is full", "the server goes on"),
]

WIRE = [
    Row("E1", "a network that is cut", "dead peers go; the oracle finds nothing after it heals"),
    Row("E2", "a peer that is half open", "it goes"),
    Row("E3", "bad links", "they are bad, and the oracle finds nothing"),
    Row("E4", "thousands of connects at once", "no established session is lost"),
    Row("E5", "a drain under load", "every message that is kept was acknowledged, the end within 5 s", "`journeys/shutdown_journey.py`"),
    Row("E6", "a restart under load", "no send fails after its retry", "`journeys/shutdown_journey.py`"),
    Row("F1", "a wall clock that jumps", "the order stays, tokens are judged sanely"),
    Row("F2", "a process that is stopped for a while", "nothing is acknowledged falsely"),
    Row("F3", "another monotonic clock", "it starts"),
    Row("G1", "RFC 6455", "every case as the RFC has it, at every size of pieces"),
    Row("G2", "upgrades and requests that are wrong", "a status and the end; never a session", "`journeys/malformed_journey.py`"),
    Row("G3", "a flood of malformed frames",
        "what is known to be wrong is closed with its code, the rest answered or closed; a pair on the same two cores never waits 0.5 s", "`journeys/malformed_journey.py`"),
    Row("G4", "libFuzzer on every decoder", "no finding in two hours of processor time; what is reached is told, not judged",
        "`fuzz_*` in every test run: the same inputs each time", full=4500),
    Row("G5", "bombs", "each kind is refused within 5 ms, there and back to a Python process, and takes less than 1 MiB", "`codec_test`, `msgpack_reader_test`"),
    Row("G6", "our codec beside others", "what Python's decoders accept within our bounds is accepted, and nothing else; npm's finds the same values in it, and G7 that ours does", full=3600),
    Row("G7", "there and back", "what is decoded and encoded again is the same", "`codec_test`"),
    Row("H1", "origins", "only the ones on the list may connect"),
    Row("H2", "every operation without rights to be there", "all are refused, and alike", "`journeys/authorisation_journey.py`"),
    Row("H3", "every operation by everybody", "nobody gets what is not theirs, nor learns by the clock that it is there", "`journeys/authorisation_journey.py`"),
    Row("H4", "tokens that end while connected", "closed within a second, and the time for which the clients' own process was late"),
    Row("H5", "words that must not be said", "in no log line, metric, error or address"),
    Row("H6", "limits of a user over many connections", "they hold for all together", "`journeys/limits_journey.py`"),
    Row("H7", "frames that are replayed", "refused, or no second effect"),
    Row("H8", "those who never say hello", "closed after 10 s, all of 10,000 within 14; less than 8 KiB each until then, half of it for the session and its parser"),
    Row("H9", "those who say it very slowly", "each is ended at its deadline; the p99 of a pair on the same two cores stays below 0.3 s"),
    Row("H10", "floods of control frames and fragments", "closed; each kind takes less than 50 ms of processor time on average"),
    Row("H11", "how it is built", "every hardening flag is in the binary; the unit locks it in", "`journeys/service_journey.py`"),
]

MEMORY = [
    Row("I1", "addresses, undefined behaviour and leaks",
        "no finding over the whole suite; what measures time or memory, and most rows of the proof, run the release's program in it, which has no sanitizers", "`./dev test` runs every test so"),
    Row("I2", "threads", "no finding in our code", "`./dev tsan`"),
    Row("I3", "memory of a connection", "no more than was measured, within a tenth", "`bench/RESULTS.md`"),
    Row("I4", "a million connects", "memory comes back to 2 % and 3 MiB, every session and actor is gone", full=3600),
    Row("I5", "what compilers and linters say", "nothing: warnings of both compilers, clang-tidy, the format and the rules of the house; cppcheck is not among them", "`./dev lint --all`"),
    Row("K", "the proof of the proof: mutants",
        "each planted fault of the engine is found by the row it belongs to; with one that cannot be tried here the row is not passed", smoke=900),
]

CATALOGUE = [*DISK, *ORDER, *LOAD, *WIRE, *MEMORY]


def rows_named(names):
    """The rows with these ids, in the catalogue's order; raises ValueError for one that is not there."""
    wanted = {name.upper() for name in names}
    unknown = wanted - {row.id for row in CATALOGUE}
    if unknown:
        raise ValueError(f"no such row: {', '.join(sorted(unknown))}")
    return [row for row in CATALOGUE if row.id in wanted]
