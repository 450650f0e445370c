# Cuts the power again and again in a recording, and looks at what is left.
import asyncio
import concurrent.futures
import itertools
import multiprocessing
import os
import pathlib
import select
import shutil
import subprocess

from disk import Disk, Fate, File, Left, Picture
from restart import restarted
from shims import compiled, in_memory
from stored import Stores

KEPT = pathlib.Path(__file__).resolve().parent.parent.parent / "build/proof/images"
KEPT_AT_MOST = 3        # failing images of one worker that are kept to look at
CHECK_PATIENCE = 60


class Checker:
    """`parleyd check`, loaded once and forked for each store."""

    def __init__(self, server, place):
        self.out = pathlib.Path(place) / "check.out"
        self.process = subprocess.Popen([str(server), "check", "--data", "@"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env={**os.environ, "LD_PRELOAD": str(compiled("forks")), "PROOF_OUT": str(self.out)})

    def check(self, data):
        """Exit status and what was printed; 128 and more for a signal."""
        self.process.stdin.write(f"{data}\n".encode())
        self.process.stdin.flush()
        if not select.select([self.process.stdout], [], [], CHECK_PATIENCE)[0]:
            self.close()
            raise TimeoutError(f"check does not end on {data}")
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"check cannot be run on {data}")
        return int(line), self.out.read_text(errors="replace")

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class Looking:
    """What one worker looks at images with."""

    def __init__(self, server, talk, name):
        self.server = pathlib.Path(server)
        self.talk = talk
        self.name = name
        self.place = in_memory() / f"worker-{name}"
        self.picture = Picture(self.place / "data")
        self.checker = Checker(server, self.place)
        self.stores = Stores()
        self.kept = 0

    def judge(self, recording, cut, boots):
        """What is wrong with the image that is shown."""
        status, said = self.checker.check(self.picture.place)
        if status != 0:
            yield f"check ends with {status}: {' / '.join(said.splitlines()[:3])}"
            return
        yield from itertools.islice(self.talk.truth.faults(self.stores.events(self.picture.place), recording.owed, cut), 3)
        if boots:
            yield from asyncio.run(restarted(self.picture.place, self.talk, recording.owed, cut))
            self.picture.spoiled()

    def keep(self, called):
        """Copies the image to where it can be looked at; says where."""
        if self.kept == KEPT_AT_MOST:
            return ""
        self.kept += 1
        to = KEPT / called
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(self.picture.place, to)
        return f" (kept in {to})"

    def close(self):
        self.checker.close()
        shutil.rmtree(self.place, ignore_errors=True)


def all_on_disk(contents):
    """An image with just these bytes: {path: None or bytes}."""
    return {path: None if content is None else Left(File(content), {}, len(content)) for path, content in contents.items()}


def images(recording, cuts, dice):
    """Applies the journal up to each cut and lets the power go as often as it says there: (cut, variant, fate, image)."""
    disk, applied = Disk(recording.base), 0
    for cut, count in cuts:
        for number in range(applied, cut):
            disk.apply(number, recording.journal.records[number])
        applied = cut
        for variant in range(count):
            fate = Fate(dice)
            yield cut, variant, fate, disk.left_by(fate)


def look_at(looking, recording, cuts, dice, boots_every):
    """Looks at all images, and lets a server start on some. Returns tried, booted, failures."""
    tried, booted, failures = 0, 0, []
    for cut, variant, fate, image in images(recording, cuts, dice):
        looking.picture.show(image)
        tried += 1
        boots = tried % boots_every == 0
        booted += boots
        try:
            faults = list(looking.judge(recording, cut, boots))
        except OSError as fault:
            faults = [f"it cannot be read: {fault}"]
        if faults:
            where = f"{recording.name}-{cut}-{variant}"
            looking.picture.show(image)
            failures.append(f"image {where} ({fate.way}): {'; '.join(faults)}{looking.keep(where)}")
    return tried, booted, failures


def plan(recording, images, dice, records=None):
    """[(cut, images there)] in order: every place where a disk may look different once, or a part of them; of all since it was ready, or of these records."""
    records = records or range(recording.ready, len(recording.journal))
    places = [number + 1 for number in recording.journal.changes() if number in records]
    if images >= len(places):
        share, more = divmod(images, len(places))
        lucky = set(dice.sample(range(len(places)), more))
        return [(cut, share + (i in lucky)) for i, cut in enumerate(places)]
    each = max(1, min(4, images // 100))  # several at a place, since replaying up to it takes time, too
    return [(cut, each) for cut in sorted(dice.sample(places, min(len(places), images // each)))]


def pieces(cuts, count):
    """The cuts in as many runs of about the same number of images."""
    share = sum(images for _, images in cuts) / count
    runs, sum_so_far = [[] for _ in range(count)], 0
    for cut, images in cuts:
        runs[min(count - 1, int(sum_so_far / share))].append((cut, images))
        sum_so_far += images
    return [run for run in runs if run]


def in_parallel(work, arguments):
    """work(*each) for all arguments, in forked processes that see what this one has."""
    context = multiprocessing.get_context("fork")
    with concurrent.futures.ProcessPoolExecutor(min(len(arguments), os.cpu_count()), mp_context=context) as pool:
        return [future.result() for future in [pool.submit(work, *each) for each in arguments]]
