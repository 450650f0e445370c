# Whether what a recording shows to have been said was on disk when it was said.
import itertools

import journal as j
from disk import Disk, Fate
from truth import missing

FAULTS = 3    # that are told of one moment
ENOUGH = 30   # faults, and no more moments are looked at


def events_in(looking):
    """None where there is no store yet."""
    try:
        return looking.stores.events(looking.picture.place)
    except (OSError, KeyError):
        return {}


def said_at(recording):
    """{number of a record: what was said in it}, in order."""
    said = {}
    for each in recording.owed:
        if each[0] >= recording.ready:
            said.setdefault(each[0], []).append(each)
    return said


def said_too_early(looking, recording, dice):
    """At each moment at which something is said, the store with only what was synced. How much was said, and faults."""
    disk, applied, failures, said, changed = Disk(recording.base), 0, [], said_at(recording), True
    for moment, what in said.items():
        for number in range(applied, moment):
            disk.apply(number, recording.journal.records[number])
            changed = changed or recording.journal.records[number].kind in (j.SYNCED, j.WRITTEN)
        applied = moment
        if changed:
            looking.picture.show(disk.left_by(Fate(dice, "nothing")))
            events = events_in(looking)
            faults = looking.talk.truth.faults(events, recording.owed, moment + 1)
        else:
            faults = missing(events, {}, what, moment + 1)
        changed = False
        failures += [f"record {moment} of {recording.name}: {fault}" for fault in itertools.islice(faults, FAULTS)]
        if len(failures) > ENOUGH:
            break
    return sum(map(len, said.values())), failures
