# What must be in a store, and what may be: all that was asked and said, with the moment in the journal.
import collections

from told import told

SHOWN = {"message", "joined", "left", "changed", "edited", "deleted", "reaction", "pinned"}


class Truth:
    """Collects what users asked; then judges stores by it."""

    def __init__(self):
        self.bodies = {}                     # (conversation, client_id) -> body
        self.asked = {}                      # ref -> (conversation, client_id or None)
        self.deleted = set()                 # (conversation, seq) that somebody wanted deleted
        self.known = {}                      # id of an event that was judged -> (the event, its client_id, what is wrong)
        self.judged = None                   # the events that were judged last, their client_ids and what is wrong with them

    def asks(self, ref, conversation, client_id, body):
        """Somebody is about to send this."""
        self.bodies[(conversation, client_id)] = body
        self.asked[ref] = (conversation, client_id)

    def asks_other(self, ref, conversation):
        """Somebody is about to ask for something else that gets a number."""
        self.asked[ref] = (conversation, None)

    def asks_to_delete(self, conversation, seq):
        """From now on nothing may be there but the number."""
        self.deleted.add((conversation, seq))

    def owed(self, journal, before=()):
        """[(number, (conversation, seq), client_id or None)]: what was said for the first time, behind what was owed before."""
        first = {each[1:]: -1 for each in before}
        for number, envelope in told(journal):
            if "seq" not in envelope:
                continue
            if envelope["type"] in ("sent", "ok") and envelope.get("ref") in self.asked:
                conversation, client_id = self.asked[envelope["ref"]]
                first.setdefault(((conversation, envelope["seq"]), client_id), number)
            elif envelope["type"] in SHOWN and "ref" not in envelope:
                first.setdefault(((envelope["conversation"], envelope["seq"]), envelope.get("client_id")), number)
        return [(number, *what) for what, number in first.items()]

    def faults(self, events, owed, cut):
        """What is wrong with a store's events after a power cut behind `cut` records."""
        if self.judged is None or self.judged[0] is not events:
            self.judged = (events, *self._all_of(events))
        _, client_ids, faults = self.judged
        yield from faults
        yield from missing(events, client_ids, owed, cut)

    def _all_of(self, events):
        """The client_ids of all messages, and what is wrong with the events whatever was said of them."""
        client_ids, faults = {}, []
        for place, event in events.items():
            client_id, fault = self._judge(place, event)
            if fault:
                faults.append(fault)
            if client_id is not None:
                client_ids[place] = client_id
        return client_ids, [*faults, *twice(client_ids), *holes(events)]

    def _judge(self, place, event):
        """The client_id of a message, and what is wrong with it."""
        if id(event) in self.known:
            return self.known[id(event)][1:]
        client_id, fault = event.get("client_id") if event["type"] == "message" else None, None
        if (event.get("conversation", place[0]), event.get("seq")) != place:
            fault = f"phantom: {event} is at {place}"
        elif event.get("deleted"):
            fault = None if place in self.deleted or event["type"] != "message" else f"deleted: nobody asked for that at {place}"
        elif event["type"] == "message":
            body = self.bodies.get((place[0], client_id))
            if body is None:
                fault = f"phantom: {client_id} at {place} was sent by nobody"
            elif event["body"] != body:
                fault = f"changed: {client_id} at {place} has another body"
        self.known[id(event)] = (event, client_id, fault)
        return self.known[id(event)][1:]


def missing(events, client_ids, owed, cut):
    for number, place, client_id in owed:
        if number >= cut:
            break
        if place not in events:
            yield f"lost: {place} ({client_id}), told in record {number}"
        elif client_id is not None and client_ids.get(place, client_id) != client_id:
            yield f"another: {place} is {client_ids[place]} and was told to be {client_id} in record {number}"


def twice(client_ids):
    named = collections.defaultdict(list)
    for place, client_id in client_ids.items():
        named[(place[0], client_id)].append(place[1])
    for key, numbers in named.items():
        if len(numbers) > 1:
            yield f"twice: {key} is at {sorted(numbers)}"


def holes(events):
    count, last = collections.Counter(), {}
    for conversation, seq in events:
        count[conversation] += 1
        last[conversation] = max(seq, last.get(conversation, 0))
    for conversation, newest in last.items():
        if count[conversation] != newest:
            yield f"hole: {conversation} has {count[conversation]} events up to {newest}"
