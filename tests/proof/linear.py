# Judges whether what clients did to one conversation could have happened one after the other, in the order of its numbers.
import dataclasses


@dataclasses.dataclass(frozen=True)
class Operation:
    """One command with its times. The numbers that the server gives are a witness: the order to be checked is theirs."""

    kind: str       # "title", "message" or "read"
    invoked: int    # ticks of one clock that all clients share
    returned: int
    seq: int        # of the event it made; of a read, the newest event that it shows
    value: object = None  # the title that was set, or read

    @property
    def place(self):
        """Where it stands among all: a read comes behind the event that it shows."""
        return (self.seq, self.kind == "read")


def faults(operations, first_title=""):
    """Why there is no such order; nothing when there is one. (Wing and Gong's question, with the answer given.)"""
    writes = sorted((each for each in operations if each.kind != "read"), key=lambda each: each.seq)
    for one, next_one in zip(writes, writes[1:]):
        if one.seq == next_one.seq:
            yield f"two events with number {one.seq}: {one} and {next_one}"
    yield from wrong_values(operations, writes, first_title)
    yield from out_of_time(operations)


def wrong_values(operations, writes, first_title):
    """Each read shows the title as the events up to its number have left it."""
    titles = [(0, first_title), *((each.seq, each.value) for each in writes if each.kind == "title")]
    at, title = 0, first_title
    for read in sorted((each for each in operations if each.kind == "read"), key=lambda each: each.seq):
        while at < len(titles) and titles[at][0] <= read.seq:
            title = titles[at][1]
            at += 1
        if read.value != title:
            yield f"{read} shows another title than {title!r}"


def out_of_time(operations):
    """Whatever had returned before something else was invoked comes before it."""
    by_end = sorted(operations, key=lambda each: each.returned)
    done, newest = 0, None
    for each in sorted(operations, key=lambda each: each.invoked):
        while done < len(by_end) and by_end[done].returned < each.invoked:
            newest = max(newest, by_end[done], key=lambda one: one.place) if newest else by_end[done]
            done += 1
        if newest and (each.place < newest.place or (each.kind != "read" and each.seq <= newest.seq)):
            yield f"{each} was invoked after {newest} had returned"
