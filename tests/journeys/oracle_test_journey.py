# Plants one fault at a time into a clean history: the oracle must find each, and accept the clean ones.
import copy
import sys

from oracle import History, judge
from support import done, require

ROOM = "c-room"


def joined(seq, *users):
    members = [{"user": user, "role": "member"} for user in users]
    return {"type": "joined", "conversation": ROOM, "seq": seq, "at": 1000 + seq, "users": members, "by": "ann"}


def left(seq, user):
    return {"type": "left", "conversation": ROOM, "seq": seq, "at": 1000 + seq, "user": user, "by": "ann"}


def message(seq, sender, client_id):
    return {"type": "message", "conversation": ROOM, "seq": seq, "at": 1000 + seq, "from": sender,
            "client_id": client_id, "body": f"body of {client_id}"}


def welcome():
    return {"type": "welcome", "cursor": "w"}


def gap(first, last):
    return {"type": "gap", "conversation": ROOM, "from": first, "to": last}


def page(*events):
    return {"type": "page", "conversation": ROOM, "events": list(events), "first": events[0]["seq"],
            "last": events[-1]["seq"], "more": False}


class Story:
    """A clean history: ann posts, bob is cut off and resumes, cy is away, gets a gap, and is removed."""

    def __init__(self):
        self.history = History()
        self.ann = self.enter("ann")
        self.bob = self.enter("bob")
        self.cy = self.enter("cy")
        self.final = self.history.final[ROOM] = []
        self.happen(joined(1, "ann", "bob", "cy"), self.ann, self.bob, self.cy)
        self.m2 = self.post("m2", self.ann, self.bob, self.cy)
        self.m3 = self.post("m3", self.ann, self.bob)
        self.m4 = self.post("m4", self.ann, self.bob)
        self.cy.saw(gap(3, 4))
        self.cy.pulled(page(*self.final[2:4]))
        self.m5 = self.post("m5", self.ann, self.cy)
        self.bob_again = self.enter("bob", resumes=True)
        self.bob_again.saw(self.final[4])
        self.bob_again.saw({"type": "synced", "cursor": "s"})
        self.happen(left(6, "cy"), self.ann, self.bob_again, self.cy)
        self.m7 = self.post("m7", self.ann, self.bob_again)
        for trace in (self.ann, self.bob_again, self.cy):
            trace.settled()

    def enter(self, user, resumes=False):
        trace = self.history.session(user)
        trace.greets(resumes)
        trace.saw(welcome())
        return trace

    def happen(self, event, *readers):
        self.final.append(event)
        for reader in readers:
            reader.saw(copy.deepcopy(event))

    def post(self, client_id, *readers):
        seq = len(self.final) + 1
        send = self.ann.sends(ROOM, client_id, f"body of {client_id}")
        send.answered({"type": "sent", "seq": seq, "at": 1000 + seq})
        self.happen(message(seq, "ann", client_id), *readers)
        return send

    def seen_by(self, trace, seq):
        """The place of a streamed event in a session's log."""
        return next(i for i, (_, kind, value) in enumerate(trace.entries) if kind == "event" and value["seq"] == seq)

    def forget(self, trace, seq):
        del trace.entries[self.seen_by(trace, seq)]

    def swap(self, trace, a, b):
        i, j = self.seen_by(trace, a), self.seen_by(trace, b)
        trace.entries[i], trace.entries[j] = trace.entries[j], trace.entries[i]

    def drop_kind(self, trace, unwanted):
        trace.entries = [entry for entry in trace.entries if entry[1] != unwanted]


# --- Planted faults: the promise each breaks, and how ---

def events_swapped(story):
    story.swap(story.ann, 3, 4)


def final_has_a_hole(story):
    for event in story.final[3:]:
        event["seq"] += 1


def event_shown_twice(story):
    story.ann.entries.append(story.ann.entries[story.seen_by(story.ann, 5)])


def gap_names_what_was_shown(story):
    story.ann.saw(gap(2, 3))


def event_left_out(story):
    story.forget(story.ann, 4)


def gap_not_told(story):
    story.drop_kind(story.cy, "gap")


def readers_disagree(story):
    tick, kind, value = story.bob.entries[story.seen_by(story.bob, 3)]
    value["body"] = "something else"


def page_disagrees(story):
    value = next(value for _, kind, value in story.cy.entries if kind == "page")
    value["events"][0] = dict(value["events"][0], body="something else")


def acknowledged_and_lost(story):
    story.history.send(ROOM, "bob", "lost", "x").answered({"type": "sent", "seq": 8, "at": 1008})


def acknowledged_with_another_number(story):
    story.m7.acks = [(story.m7.acks[0][0], 6, 1006)]


def kept_with_another_body(story):
    story.m7.body = "what was really sent"


def shown_and_vanished(story):
    story.ann.saw(message(8, "bob", "never"))


def refused_and_kept(story):
    story.m7.acks, story.m7.refusals = [], 1


def kept_and_never_sent(story):
    story.happen(message(8, "bob", "never"), story.ann, story.bob_again)


def later_send_got_a_smaller_number(story):
    story.m2.invoked, story.m2.acks = story.history.tick(), [(story.history.tick(), 2, 1002)]


def client_id_kept_twice(story):
    story.happen(message(8, "ann", "m2"), story.ann, story.bob_again)


def retry_acknowledged_differently(story):
    story.m2.answered({"type": "sent", "seq": 3, "at": 1003})


def resume_skips_an_event(story):
    story.forget(story.bob_again, 5)


def resume_skips_the_newest(story):
    story.forget(story.bob_again, 5)
    story.forget(story.bob_again, 6)
    story.forget(story.bob_again, 7)


def first_life_lost_an_event(story):
    story.forget(story.bob, 4)


def gap_never_filled(story):
    story.drop_kind(story.cy, "page")


def removed_and_still_told(story):
    story.cy.saw(copy.deepcopy(story.final[6]))


def stranger_was_told(story):
    story.enter("eve").saw(copy.deepcopy(story.final[1]))


def removed_and_still_served(story):
    story.cy.pulled(page(*story.final[5:7]))


PLANTED = {
    "ordered": [events_swapped, final_has_a_hole],
    "unique": [event_shown_twice, gap_names_what_was_shown],
    "reliable": [event_left_out, gap_not_told],
    "agreed": [readers_disagree, page_disagrees],
    "durable": [acknowledged_and_lost, acknowledged_with_another_number, kept_with_another_body],
    "no phantom": [shown_and_vanished, refused_and_kept, kept_and_never_sent],
    "real-time": [later_send_got_a_smaller_number],
    "idempotent": [client_id_kept_twice, retry_acknowledged_differently],
    "resumable": [resume_skips_an_event, resume_skips_the_newest, first_life_lost_an_event, gap_never_filled],
    "authorised": [removed_and_still_told, stranger_was_told, removed_and_still_served],
}


# --- Clean variations: none of these is a fault ---

def as_it_is(story):
    pass


def send_without_an_answer_was_kept(story):
    story.m7.acks = []


def send_without_an_answer_was_not_kept(story):
    story.history.send(ROOM, "bob", "unknown", "x")


def refused_and_not_kept(story):
    story.history.send(ROOM, "bob", "refused", "x").answered({"type": "error", "code": "unavailable"})


def retry_acknowledged_again(story):
    story.history.send(ROOM, "ann", "m2", "body of m2").answered({"type": "sent", "seq": 2, "at": 1002})


def resume_repeats_events(story):
    story.bob_again.entries[2:2] = [e for e in story.bob.entries if e[1] == "event"][-2:]


def reset_starts_anew(story):
    again = story.enter("bob", resumes=True)
    again.saw({"type": "reset", "cursor": "r", "reason": "unknown cursor"})
    again.settled()


def came_back_after_leaving(story):
    story.happen(joined(8, "cy"), story.ann, story.bob_again, story.cy)
    for trace in (story.ann, story.bob_again, story.cy):
        story.drop_kind(trace, "settled")
        trace.settled()


def second_device_from_now_on(story):
    tablet = story.history.session("ann", "ann's tablet")
    tablet.greets(False)
    tablet.saw(welcome())
    tablet.settled()


CLEAN = [as_it_is, send_without_an_answer_was_kept, send_without_an_answer_was_not_kept, refused_and_not_kept,
         retry_acknowledged_again, resume_repeats_events, reset_starts_anew, came_back_after_leaving,
         second_device_from_now_on]


def main():
    for promise, plants in PLANTED.items():
        for plant in plants:
            story = Story()
            plant(story)
            found = {fault.promise for fault in judge(story.history)}
            require(promise in found, f"{plant.__name__} must be found as not {promise}", found)
        done(f"planted faults found: {promise}: {', '.join(p.__name__ for p in plants)}", len(plants))
    for vary in CLEAN:
        story = Story()
        vary(story)
        faults = judge(story.history)
        require(not faults, f"{vary.__name__} is clean", [str(fault) for fault in faults])
    done("clean histories accepted", len(CLEAN))


if __name__ == "__main__":
    main()
    sys.exit(0)
