# Judges histories: what clients asked and saw, against what the server promises about conversations.
import collections
import dataclasses
import itertools
import math

STREAMED = {"message", "joined", "left", "changed", "edited", "deleted", "reaction", "pinned"}


@dataclasses.dataclass(frozen=True)
class Fault:
    """One broken promise: its name, and what shows it."""
    promise: str
    what: str

    def __str__(self):
        return f"{self.promise}: {self.what}"


class Send:
    """One message a client wants posted, over all its attempts."""

    def __init__(self, history, conversation, sender, client_id, body):
        self.history = history
        self.conversation = conversation
        self.sender = sender
        self.client_id = client_id
        self.body = body
        self.invoked = history.tick()
        self.attempts = 0
        self.refusals = 0
        self.acks = []  # (tick, seq, at)

    @property
    def key(self):
        return (self.conversation, self.sender, self.client_id)

    @property
    def acked_at(self):
        return self.acks[0][0] if self.acks else math.inf

    @property
    def outcome(self):
        if self.acks:
            return "ok"
        return "failed" if self.refusals == self.attempts else "unknown"

    def answered(self, answer):
        """The answer to the latest attempt; an attempt without one stays unknown."""
        if answer["type"] == "sent":
            self.acks.append((self.history.tick(), answer["seq"], answer["at"]))
        elif answer["type"] == "error":
            self.refusals += 1


class Trace:
    """What one session saw, in order. A chain is the sessions of one client, one after another."""

    def __init__(self, history, user, chain):
        self.history = history
        self.user = user
        self.chain = chain
        self.entries = []  # (tick, kind, value)
        self.resumes = False

    def _log(self, kind, value=None):
        self.entries.append((self.history.tick(), kind, value))

    def greets(self, resumes):
        """The client is about to say `hello`, with or without a cursor."""
        self.resumes = resumes
        self._log("hello")

    def sends(self, conversation, client_id, body):
        """The client is about to post; the same call again is a retry."""
        return self.history.send(conversation, self.user, client_id, body)

    def saw(self, envelope):
        """Something came from the server."""
        kind = envelope["type"]
        if kind in STREAMED and "seq" in envelope:
            self._log("event", envelope)
        elif kind in ("gap", "synced", "reset", "welcome"):
            self._log(kind, envelope)

    def pulled(self, page):
        """A page of `sync` or an unfolded one of `history` came."""
        self._log("page", page)

    def settled(self):
        """The journey is over and this client claims to have everything."""
        self._log("settled")


class History:
    """Everything the clients of one journey asked and saw."""

    def __init__(self):
        self._ticks = itertools.count(1)
        self.sends = {}
        self.traces = []
        self.final = {}  # conversation -> its events, read when all was over

    def tick(self):
        return next(self._ticks)

    def send(self, conversation, sender, client_id, body):
        key = (conversation, sender, client_id)
        if key not in self.sends:
            self.sends[key] = Send(self, *key, body)
        self.sends[key].attempts += 1
        return self.sends[key]

    def session(self, user, chain=None):
        made = Trace(self, user, chain or user)
        self.traces.append(made)
        return made

    def unknown(self):
        return [each for each in self.sends.values() if each.outcome == "unknown"]


def judge(history):
    """The broken promises of a history; none when all is well."""
    facts = Facts(history)
    faults = [*final_order(history), *agreed(history), *sends_kept(history, facts), *real_time(history, facts)]
    for trace in history.traces:
        faults += stream_order(trace, facts)
        faults += authorised(trace, facts)
    for chain in facts.chains.values():
        faults += resumed(chain, facts)
    return faults


class Facts:
    """What follows from the final history: who was a member when, and which number a send got."""

    def __init__(self, history):
        self.spans = collections.defaultdict(list)  # (user, conversation) -> [[joined, left], ...]
        self.at = {}                                # (conversation, seq) -> event
        self.posted = collections.defaultdict(list)  # (conversation, sender, client_id) -> [event, ...]
        self.chains = collections.defaultdict(list)
        for conversation, events in history.final.items():
            for event in events:
                self._learn(conversation, event)
        self.numbered = collections.defaultdict(list)  # conversation -> [(invoked, acked, seq), ...]
        for send in history.sends.values():
            seq = self.number_of(send)
            if seq is not None:
                self.numbered[send.conversation].append((send.invoked, send.acked_at, seq))
        for trace in history.traces:
            self.chains[(trace.user, trace.chain)].append(trace)

    def _learn(self, conversation, event):
        self.at.setdefault((conversation, event["seq"]), event)
        if event["type"] == "message":
            self.posted[(conversation, event["from"], event["client_id"])].append(event)
        for member in event.get("users", []) if event["type"] == "joined" else []:
            self.spans[(member["user"], conversation)].append([event["seq"], math.inf])
        if event["type"] == "left" and self.spans[(event["user"], conversation)]:
            self.spans[(event["user"], conversation)][-1][1] = event["seq"]

    def number_of(self, send):
        found = self.posted.get(send.key)
        return found[0]["seq"] if found else (send.acks[0][1] if send.acks else None)

    def member_at(self, user, conversation, seq):
        return any(joined <= seq <= left for joined, left in self.spans.get((user, conversation), []))

    def last_allowed(self, user, conversation):
        """The highest number the user may have seen in a page; 0 for one who never was a member."""
        return max((left for _, left in self.spans.get((user, conversation), [])), default=0)


# --- The final history -------------------------------------------------------------------------------

def final_order(history):
    for conversation, events in history.final.items():
        numbers = [event["seq"] for event in events]
        if numbers != list(range(1, len(numbers) + 1)):
            odd = next(i for i, n in enumerate(numbers, 1) if n != i)
            yield Fault("ordered", f"{conversation}: the final history has {numbers[odd - 1]} where {odd} belongs")


def sends_kept(history, facts):
    for send in history.sends.values():
        found = facts.posted.get(send.key, [])
        if len(found) > 1:
            yield Fault("idempotent", f"{send.key} is there {len(found)} times: {[e['seq'] for e in found]}")
        if len({ack[1:] for ack in send.acks}) > 1:
            yield Fault("idempotent", f"{send.key} was acknowledged differently: {send.acks}")
        if send.acks and not found:
            yield Fault("durable", f"{send.key} was acknowledged as {send.acks[0][1]} and is not there")
        for event in found[:1]:
            if send.acks and (event["seq"], event["at"]) != send.acks[0][1:]:
                yield Fault("durable", f"{send.key} is {event['seq']} and was acknowledged as {send.acks[0][1]}")
            if event["body"] != send.body:
                yield Fault("durable", f"{send.key} has another body")
        if send.outcome == "failed" and found:
            yield Fault("no phantom", f"{send.key} was refused and is there as {found[0]['seq']}")
    for key in facts.posted.keys() - history.sends.keys():
        yield Fault("no phantom", f"{key} is there and nobody sent it")


def real_time(history, facts):
    for conversation, sends in facts.numbered.items():
        acked = sorted((ack, seq) for _, ack, seq in sends if ack < math.inf)
        highest, next_ack = 0, 0
        for invoked, _, seq in sorted(sends):
            while next_ack < len(acked) and acked[next_ack][0] < invoked:
                highest = max(highest, acked[next_ack][1])
                next_ack += 1
            if seq < highest:
                yield Fault("real-time", f"{conversation}: {seq} was sent after {highest} was acknowledged")


# --- What was seen ----------------------------------------------------------------------------------

def observed(trace):
    """Every event the session saw, streamed or pulled."""
    for _, kind, value in trace.entries:
        if kind == "event":
            yield value
        elif kind == "page":
            yield from value["events"]


def agreed(history):
    truth = {(c, event["seq"]): event for c, events in history.final.items() for event in events}
    first_seen = {}
    for trace in history.traces:
        for event in observed(trace):
            place = (event["conversation"], event["seq"])
            if place not in truth:
                yield Fault("no phantom", f"{trace.user} saw {event['type']} at {place}, which is not there")
            elif truth[place] != event:
                yield Fault("agreed", f"{trace.user} saw {event} where the final history has {truth[place]}")
            if first_seen.setdefault(place, event) != event:
                yield Fault("agreed", f"two sessions saw different events at {place}")


def stream_order(trace, facts):
    """Ordered, unique and reliable within one session, conversation by conversation."""
    last, seen, named = {}, collections.defaultdict(set), collections.defaultdict(set)
    for _, kind, value in trace.entries:
        if kind == "gap":
            numbers = range(value["from"], value["to"] + 1)
            if not numbers or seen[value["conversation"]].intersection(numbers):
                yield Fault("unique", f"{trace.user}: {value} names nothing new")
            named[value["conversation"]].update(numbers)
        if kind != "event":
            continue
        conversation, seq = value["conversation"], value["seq"]
        if seq in seen[conversation]:
            yield Fault("unique", f"{trace.user} got {conversation} {seq} twice in one session")
        elif seq < last.get(conversation, 0):
            yield Fault("ordered", f"{trace.user} got {conversation} {seq} after {last[conversation]}")
        for hole in range(last.get(conversation, seq) + 1, seq):
            if hole not in named[conversation] and facts.member_at(trace.user, conversation, hole):
                yield Fault("reliable", f"{trace.user}: {conversation} {hole} was left out before {seq}")
        seen[conversation].add(seq)
        last[conversation] = max(seq, last.get(conversation, 0))


def authorised(trace, facts):
    for _, kind, value in trace.entries:
        if kind == "event" and not facts.member_at(trace.user, value["conversation"], value["seq"]):
            yield Fault("authorised", f"{trace.user} was sent {value['conversation']} {value['seq']}, no member then")
        if kind == "page" and value["events"]:
            if value["last"] > facts.last_allowed(trace.user, value["conversation"]):
                yield Fault("authorised", f"{trace.user} pulled {value['conversation']} up to {value['last']}")


class Knowledge:
    """What a chain of sessions has, and what the server said it must pull."""

    def __init__(self, user, facts, since):
        self.user = user
        self.facts = facts
        self.since = since  # when the chain began to listen
        self.has = collections.defaultdict(set)
        self.named = collections.defaultdict(set)

    def learn(self, kind, value):
        if kind == "event":
            self.has[value["conversation"]].add(value["seq"])
        elif kind == "page":
            self.has[value["conversation"]].update(event["seq"] for event in value["events"])
        elif kind == "gap":
            self.named[value["conversation"]].update(range(value["from"], value["to"] + 1))

    def owed(self, conversation, asked):
        """The numbers the chain must know of by now, if it asked at `asked`."""
        has = self.has[conversation]
        owed = set(range(min(has), max(has) + 1)) if has else set()
        owed |= {seq for invoked, acked, seq in self.facts.numbered[conversation]
                 if self.since < invoked and acked < asked}
        return {seq for seq in owed if self.facts.member_at(self.user, conversation, seq)}

    def missing(self, asked, gaps_count):
        """Numbers that are owed and neither there nor, when gaps count, named by one."""
        for conversation in {*self.has, *self.facts.numbered}:
            if not self.facts.spans.get((self.user, conversation)):
                continue
            known = self.has[conversation] | (self.named[conversation] if gaps_count else set())
            for seq in sorted(self.owed(conversation, asked) - known):
                yield conversation, seq


def resumed(chain, facts):
    """Nothing missing after any resume, and, once settled, nothing missing at all."""
    known = None
    for trace in chain:
        hello = next((tick for tick, kind, _ in trace.entries if kind == "hello"), 0)
        if known is None or not trace.resumes:
            known = Knowledge(trace.user, facts, math.inf)
        for tick, kind, value in trace.entries:
            if kind == "reset" or (kind == "welcome" and not trace.resumes):
                known = Knowledge(trace.user, facts, tick)
            known.learn(kind, value)
            missing = []
            if kind == "synced":
                missing = list(known.missing(hello, True))
            elif kind == "settled":
                missing = list(known.missing(tick, False))
            if missing:
                yield Fault("resumable", f"{trace.user} {kind} without {missing[:5]} ({len(missing)} in all)")
