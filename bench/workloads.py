# What `./dev bench` measures, as data: who competes, in what, towards which targets, and what may grow with what.
from dataclasses import dataclass


@dataclass(frozen=True)
class Contestant:
    """Someone a workload is put to; `arguments` make the load client speak to it."""
    name: str
    arguments: tuple = ()
    durable: bool | None = None  # on disk, synced, before it is acknowledged or shown; None: not a server


@dataclass(frozen=True)
class Workload:
    """One call of the load client; all with the same title share a table."""
    name: str
    title: str
    question: str
    arguments: tuple = ()
    contestants: tuple = ("parley",)
    compare: tuple = ()  # figures of which Parley's median is divided by that of each other contestant
    patience: int = 300  # seconds after which a call has failed


@dataclass(frozen=True)
class Place:
    """Where a figure stands: `row` counts the rows that one call answers."""
    workload: str
    figure: str
    row: int = 0
    contestant: str = "parley"


@dataclass(frozen=True)
class Target:
    """A bound on a median: `limit` itself, or so many times the median at `of` in the same rounds."""
    text: str
    at: Place
    most: float | None = None
    least: float | None = None
    of: Place | None = None


@dataclass(frozen=True)
class Growth:
    """How `y` grows with `x` over the rows of some workloads; at worst as a logarithm, where that is a target."""
    name: str
    title: str
    workloads: tuple
    x: str
    y: str
    contestants: tuple = ("parley",)
    logarithmic: bool = False


def of(*contestants):
    return {each.name: each for each in contestants}


def peer(name, durable=True):
    """A server of another make, started by bench/peers/NAME/start; `-unsynced` where it could sync and need not."""
    suffix, arguments = ("", ()) if durable or name == "nats" else ("-unsynced", ("--not-durable",))
    return Contestant(name + suffix, ("--peer", name, *arguments), durable)


CONTESTANTS = of(
    Contestant("parley", ("--server", "{build}/parleyd"), durable=True),
    Contestant("floor", ("--server", "{build}/parley_floor"), durable=False),
    peer("flask"), peer("socketio"), peer("ejabberd"),
    peer("flask", False), peer("socketio", False), peer("ejabberd", False), peer("nats", False),
    Contestant("machine"),
)
PEERS = tuple(name for name, each in CONTESTANTS.items() if "--peer" in each.arguments)

PER_DELIVERY = "server CPU µs/delivery"
FANOUT = "Fan-out: one sender with W sends in flight, one conversation of N connections"
SENDS = "Sends: S connections over C conversations"
IDLE = "Idle: K connections that are signed in and silent"
GROWING = "Growth of the store and of conversations"
LISTED = (100, 1_000, 10_000)  # conversations of a user
STORE = ("--store", "{store}")  # filled by the first who needs it, used again by later rounds
FILLING = 3600  # seconds in which ten million messages must be stored


def fanout(members, window, contestants=("parley", "floor"), body=200, **more):
    return Workload(f"fanout-{members}-{window}" + ("" if body == 200 else f"-{body}-bytes"), FANOUT, "fanout",
                    ("--members", str(members), "--window", str(window), "--body", str(body), "--patience", "60"),
                    contestants, compare=(PER_DELIVERY, "delivery p50 ms"), **more)


def sends(name, senders, *more, contestants=("parley", "floor")):
    """Senders in conversations of two, but for one who is alone."""
    return Workload(f"sends-{name}", SENDS, "sends",
                    ("--connections", str(senders), "--conversations", str(max(senders // 2, 1)), *more), contestants,
                    compare=("acknowledged/s", "ack p50 ms", "server CPU µs/send"))


WORKLOADS = (
    Workload("disk", "The disk: one pwrite and fdatasync of 4 KiB into a file already written", "disk",
             contestants=("machine",)),
    Workload("log", "The log: bare LMDB commits the records of messages as our log does", "log",
             contestants=("machine",)),
    fanout(10, 1),
    fanout(10, 32),
    fanout(100, 1, ("parley", "floor", *PEERS)),
    fanout(100, 32, ("parley", "floor", *PEERS)),
    fanout(1000, 1, ("parley", "floor", *PEERS)),
    fanout(1000, 32, ("parley", "floor", *PEERS)),
    fanout(10_000, 1),
    fanout(10_000, 32),
    *(fanout(100, window, body=body) for body in (100, 1000, 8000) for window in (1, 32)),
    sends("lone", 1),
    *(sends(senders, senders) for senders in (10, 100, 1000, 10_000)),
    sends("half", 1000, "--rate", "15000", contestants=("parley",)),
    sends("target", 1000, "--rate", "30000", contestants=("parley",)),
    Workload("idle", IDLE, "idle", ("--connections", "15000"), ("parley", "floor"), compare=("KiB/connection",)),
    Workload("idle-peers", IDLE, "idle", ("--connections", "10000"),
             ("parley", "flask", "socketio", "ejabberd", "nats"), compare=("KiB/connection",)),
    Workload("storm", "Storm: all connect at once: anew, with `since`, and after a tenth changed", "storm"),
    Workload("mixed", "Mixed: everyday traffic as fast as it goes, then at half of that", "mixed"),
    Workload("beside", "Beside: quiet conversations without and with a hot one next to them", "beside"),
    *(Workload(f"list-{count}", "List: the newest conversations of a user", "list", ("--conversations", str(count)))
      for count in LISTED),
    Workload("growth", GROWING, "growth", ("--messages", "1000000"), patience=FILLING),
    Workload("growth-large", GROWING, "growth", STORE, patience=2 * FILLING),
    Workload("history", "History: a page of 50 in a large store", "history", STORE, patience=FILLING),
    Workload("search", "Search: two words among a million messages", "search", patience=1200),
    Workload("compact", "Compaction: a million messages, beside senders", "compact", patience=1200),
    Workload("start", "Start: on a large store", "start", STORE, patience=FILLING),
)

COMMIT = Place("log", "commit p50 ms", contestant="machine")

TARGETS = (
    Target("fan-out to 100, 1 in flight: µs of server CPU per delivery", Place("fanout-100-1", PER_DELIVERY), 6.2),
    Target("the same, 32 in flight", Place("fanout-100-32", PER_DELIVERY), 0.8),
    Target("fan-out to 1,000, 1 in flight", Place("fanout-1000-1", PER_DELIVERY), 4.4),
    Target("the same, 32 in flight", Place("fanout-1000-32", PER_DELIVERY), 0.8),
    Target("durable sends acknowledged per second, 1,000 senders", Place("sends-1000", "acknowledged/s"), least=30_000),
    Target("the same, what we would like", Place("sends-1000", "acknowledged/s"), least=50_000),
    Target("30,000 offered per second: ms until the acknowledgement, p99", Place("sends-target", "ack p99 ms"), 15),
    Target("a lone durable send, p50, beside a bare LMDB commit", Place("sends-lone", "ack p50 ms"), 1.5, of=COMMIT),
    Target("sent until shown at half load, p50, beside a bare LMDB commit",
           Place("mixed", "shown to another p50 ms", 1), 2, of=COMMIT),
    Target("the same, ms, p99", Place("mixed", "shown to another p99 ms", 1), 20),
    Target("KiB of memory per idle connection", Place("idle", "KiB/connection"), 7),
    Target("µs of server CPU per idle connection and second", Place("idle", "server CPU µs/connection/s"), 2),
    Target("connects with 20 conversations per second", Place("storm", "connects/s"), least=5_000),
    Target("10,000 members, 1 in flight: ms until all have a message, p50",
           Place("fanout-10000-1", "all have it p50 ms"), 150),
    Target("a page of 50 in 10,000,000 messages, 1 in flight, hot: ms, p99", Place("history", "p99 ms"), 2),
    Target("the same, cold", Place("history", "p99 ms  "), 5),
    Target("two words in 1,000,000 messages, found in all of 1,000 conversations: ms, p99",
           Place("search", "p99 ms"), 50),
    Target("the same, by who is in 20 of them", Place("search", "p99 ms", 1), 50),
    Target("messages indexed per second, alone", Place("search", "indexed alone/s"), least=20_000),
    Target("8,000 messages offered per second: ms until the acknowledgement, p99, with an index beside without",
           Place("search", "ack p99 ms with the index"), 1.25, of=Place("search", "ack p99 ms without")),
    Target("start on 10,000,000 messages, not cached: ms, p50", Place("start", "start, not cached: p50 ms"), 500),
)

STORE_FIGURES = (
    ("send", "A send until acknowledged", "send ack p50 ms"),
    ("send-cpu", "Server CPU of a send, 1 in flight", "server CPU µs/send, 1 in flight"),
    ("send-cpu-32", "Server CPU of a send, 32 in flight", "server CPU µs/send, 32 in flight"),
    ("history", "A page of 50", "history page p50 ms"),
    ("list", "The newest conversations", "list page p50 ms"),
)

GROWTHS = (
    Growth("delivery-by-members", "Server CPU per delivery, by members, 1 in flight",
           tuple(f"fanout-{members}-1" for members in (10, 100, 1000, 10_000)), "members N", PER_DELIVERY,
           ("parley", "floor")),
    Growth("list-by-conversations", "The newest conversations, by conversations of the user",
           tuple(f"list-{count}" for count in LISTED), "conversations M", "page p50 ms"),
    *(Growth(f"{name}-by-messages", f"{title}, by stored messages", ("growth", "growth-large"), "stored messages", figure,
             logarithmic=True) for name, title, figure in STORE_FIGURES),
    *(Growth(f"{name}-by-members", f"{title}, by members of whom one is there", ("growth",), "members", figure,
             logarithmic=True) for name, title, figure in STORE_FIGURES[:3]),
)
