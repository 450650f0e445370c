# A disk that keeps what was synced, and of the rest whatever a power cut happens to leave.
import os
import pathlib
import shutil

import journal as j

PAGE = 4096     # what a system writes at once
SECTOR = 512    # what a disk writes at once


class File:
    """What is on disk for sure, and what has been written since."""

    def __init__(self, content=b""):
        self.content = bytearray(content)  # on disk; zeros behind `size` as far as pages were needed
        self.size = len(content)           # on disk
        self.pages = {}                    # page -> [(number, offset in it, bytes)], not synced yet
        self.sizes = []                    # [(number, size)], not synced yet
        self.settled = set()               # pages of the content that changed since a picture was made of it

    @property
    def newest_size(self):
        return self.sizes[-1][1] if self.sizes else self.size

    def write(self, number, offset, data):
        if offset + len(data) > self.newest_size:
            self.sizes.append((number, offset + len(data)))
        self._patch(number, offset, data)

    def _patch(self, number, offset, data):
        at = 0
        while at < len(data):
            page, within = divmod(offset + at, PAGE)
            piece = data[at:at + PAGE - within]
            self.pages.setdefault(page, []).append((number, within, piece))
            at += len(piece)

    def resize(self, number, size):
        before = self.newest_size
        self.sizes.append((number, size))
        if size < before:  # whatever is put behind it later comes behind zeros
            self._patch(number, size, bytes(before - size))

    def allocate(self, number, end):
        if end > self.newest_size:
            self.sizes.append((number, end))

    # --- What gets to the disk for sure ---

    def sync(self, before):
        """Everything with a smaller number is on disk."""
        for page in list(self.pages):
            self._settle(page, before)
        self._settle_size(before)

    def sync_write(self, number, offset, length):
        """One write is on disk, and with its pages what was written to them before."""
        for page in range(offset // PAGE, (offset + length - 1) // PAGE + 1):
            self._settle(page, number + 1)
        if offset + length > self.size:
            self._settle_size(number + 1)

    def _settle(self, page, before):
        writes = self.pages.get(page, [])
        kept = []
        for write in writes:
            if write[0] < before:
                put(self.content, page * PAGE + write[1], write[2])
                self.settled.add(page)
            else:
                kept.append(write)
        if kept:
            self.pages[page] = kept
        else:
            self.pages.pop(page, None)

    def _settle_size(self, before):
        settled = [size for number, size in self.sizes if number < before]
        if settled:
            self.size = settled[-1]
            self.sizes = [each for each in self.sizes if each[0] >= before]

    def lose(self):
        """A sync failed: what was to be synced counts as synced from now on, and may never get to the disk."""
        self.pages.clear()
        self.sizes.clear()

    # --- What a power cut leaves ---

    def left_by(self, fate):
        """What the file is after the cut."""
        pages = {page: fate.lay(self.page(page), writes) for page, writes in self.pages.items()}
        return Left(self, pages, fate.size(self.size, self.sizes))

    def page(self, number):
        """What is on disk of it."""
        return self.content[number * PAGE:(number + 1) * PAGE].ljust(PAGE, b"\0")


class Left:
    """A file after a cut: what was on disk for sure, some pages instead, and a size."""

    def __init__(self, file, pages, size):
        self.file = file
        self.pages = pages
        self.size = size

    def content(self):
        """All of it."""
        whole = bytearray(self.file.content)
        for page, data in self.pages.items():
            put(whole, page * PAGE, data)
        del whole[self.size:]
        return bytes(whole.ljust(self.size, b"\0"))

    def changed_since(self, before):
        """Pages in which a picture that showed `before` is different."""
        pages = self.file.settled | self.pages.keys() | before.pages.keys()
        if before.size < self.size:
            pages |= set(range(before.size // PAGE, min(self.size, len(self.file.content)) // PAGE + 1))
        return pages

    def page(self, number):
        return self.pages.get(number) or self.file.page(number)


def put(into, offset, data):
    """Writes into a bytearray, which grows as far as that takes."""
    if len(into) < offset:
        into.extend(bytes(offset - len(into)))
    into[offset:offset + len(data)] = data


class Fate:
    """What one power cut keeps of what was not synced. Pages keep a state they were in; sectors of a torn one keep different ones."""

    WAYS = ("nothing", "everything", "writes", "writes", "pages", "pages", "sectors", "sectors", "all but one", "only one")

    def __init__(self, dice, way=None):
        self.dice = dice
        self.way = way or dice.choice(self.WAYS)
        self.chance = dice.choice((0.1, 0.5, 0.9))
        self.coins = {}
        self.one = None  # the number of the write that is alone in this

    def prepare(self, files):
        """Sees what is not synced before anything is decided."""
        if self.way in ("all but one", "only one"):
            numbers = sorted({write[0] for file in files for writes in file.pages.values() for write in writes})
            self.one = self.dice.choice(numbers) if numbers else None

    def keeps(self, number):
        """Whether the write with this number got to the disk."""
        if self.way == "all but one":
            return number != self.one
        if self.way == "only one":
            return number == self.one
        if number not in self.coins:
            self.coins[number] = self.dice.random() < self.chance
        return self.coins[number]

    def _version(self, writes):
        """How many of the writes to a page it had seen when it was last written to the disk."""
        if self.way == "nothing":
            return 0
        if self.way == "everything":
            return len(writes)
        if self.way in ("pages", "sectors"):
            return self.dice.randint(0, len(writes))
        return max((i for i, write in enumerate(writes, 1) if self.keeps(write[0])), default=0)

    def lay(self, page, writes):
        """The page's bytes, `page` being what is on disk for sure."""
        left = bytearray(page)
        if self.way != "sectors" or self.dice.random() < 0.5:
            for _, within, data in writes[:self._version(writes)]:
                put(left, within, data)
            return left
        versions = [self._version(writes) for _ in range(PAGE // SECTOR)]
        for i, (_, within, data) in enumerate(writes):
            for at, piece in sectors(within, data):
                if i < versions[at // SECTOR]:
                    put(left, at, piece)
        return left

    def size(self, synced, sizes):
        if self.way == "nothing" or not sizes:
            return synced
        if self.way == "everything":
            return sizes[-1][1]
        return self.dice.choice([synced, *(size for _, size in sizes)])

    def names(self, pending):
        """Which changes of names got to the disk: a beginning of all, or of each directory's."""
        if self.way == "nothing" or not pending:
            return []
        if self.way == "everything":
            return pending
        if self.dice.random() < 0.5:
            return pending[:self.dice.randint(0, len(pending))]
        kept, ends = [], {}
        for change in pending:
            for directory in change.directories:
                mine = [each for each in pending if directory in each.directories]
                ends.setdefault(id(directory), mine[:self.dice.randint(0, len(mine))])
            if all(change in ends[id(directory)] for directory in change.directories):
                kept.append(change)
        return kept


def sectors(within, data):
    """The pieces of a write to a page that lie in one sector each."""
    at = 0
    while at < len(data):
        start = within + at
        piece = data[at:at + SECTOR - start % SECTOR]
        yield start, piece
        at += len(piece)


class Directory:
    """Names that are on disk for sure, and names as the running system sees them."""

    def __init__(self):
        self.on_disk = {}
        self.live = {}
        self.stamps = {}  # name -> the number of the change that put it on disk


class Change:
    """One change of names: all of it or nothing gets to the disk."""

    def __init__(self, number, entries):
        self.number = number
        self.entries = entries  # [(directory, name, node or None)]
        self.directories = {directory for directory, _, _ in entries}


class Disk:
    """A directory on a disk, as a journal changes it."""

    def __init__(self, base=None):
        self.root = load(pathlib.Path(base)) if base else Directory()
        self.files = {}     # inode -> File
        self.pending = []   # changes of names that are not synced
        self.writes = {}    # number of a write -> (file, offset, length), of files that sync each
        self.syncs = {}     # number of a sync -> what it is of

    # --- Names ---

    def find(self, path):
        node = self.root
        for part in pathlib.PurePosixPath(path).parts:
            node = node.live.get(part) if isinstance(node, Directory) else None
        return node

    def place(self, path):
        path = pathlib.PurePosixPath(path)
        return self.find(path.parent), path.name

    def change(self, number, *entries):
        for directory, name, node in entries:
            set_entry(directory.live, name, node)
        self.pending.append(Change(number, entries))

    def rename(self, number, record):
        old, new = (self.place(path) for path in record.text.split("\0"))
        moved, there = old[0].live[old[1]], new[0].live.get(new[1])
        self.change(number, (*old, there if record.flags & j.EXCHANGED else None), (*new, moved))

    def sync_directory(self, directory, before):
        settled = [each for each in self.pending if directory in each.directories and each.number < before]
        self.pending = [each for each in self.pending if each not in settled]
        for each in settled:
            for place, name, node in each.entries:
                if place.stamps.get(name, -1) < each.number:
                    set_entry(place.on_disk, name, node)
                    place.stamps[name] = each.number

    # --- What a journal tells ---

    def apply(self, number, record):
        """What the record did."""
        if record.kind == j.WRITE:
            file = self.files[record.file]
            file.write(number, record.offset, record.data)
            self.writes[number] = (file, record.offset, record.length)
        elif record.kind == j.WRITTEN:
            file, offset, length = self.writes[record.offset]
            file.sync_write(record.offset, offset, length)
        elif record.kind == j.SYNC:
            self.syncs[number] = self.find(record.text) if record.flags & j.OF_DIRECTORY else self.files.get(record.file)
        elif record.kind == j.SYNCED:
            self._synced(record.offset)
        elif record.kind == j.TRUNCATED:
            self.files[record.file].resize(number, record.length)
        elif record.kind == j.ALLOCATED:
            self.files[record.file].allocate(number, record.offset + record.length)
        elif record.kind == j.FAULT:
            if record.text == "sync" and record.file in self.files:
                self.files[record.file].lose()
        else:
            self._apply_name(number, record)

    def _synced(self, number):
        what = self.syncs.pop(number)
        if isinstance(what, Directory):
            self.sync_directory(what, number)
        elif what is not None:
            what.sync(number)

    def _apply_name(self, number, record):
        if record.kind == j.NAMED:
            found = self.find(record.text)
            if isinstance(found, File):
                self.files.setdefault(record.file, found)
            else:
                self.files.setdefault(record.file, File())
        elif record.kind == j.CREATED:
            self.files[record.file] = File()
            self.change(number, (*self.place(record.text), self.files[record.file]))
        elif record.kind == j.DIRECTORY and record.text:
            self.change(number, (*self.place(record.text), Directory()))
        elif record.kind in (j.UNLINKED, j.REMOVED):
            self.change(number, (*self.place(record.text), None))
        elif record.kind == j.RENAMED:
            self.rename(number, record)
        elif record.kind == j.LINKED:
            old, new = record.text.split("\0")
            self.change(number, (*self.place(new), self.find(old)))

    # --- After a power cut ---

    def left_by(self, fate):
        """The directories and files that a cut leaves: {path: None or Left}."""
        changed = {}
        for change in fate.names(self.pending):
            for directory, name, node in change.entries:
                if directory.stamps.get(name, -1) < change.number:
                    entries = changed.setdefault(id(directory), dict(directory.on_disk))
                    set_entry(entries, name, node)
        found = dict(walk(self.root, changed))
        fate.prepare([node for node in found.values() if isinstance(node, File)])
        return {path: node.left_by(fate) if isinstance(node, File) else None for path, node in found.items()}


def set_entry(entries, name, node):
    if node is None:
        entries.pop(name, None)
    else:
        entries[name] = node


def walk(directory, changed, path=""):
    for name, node in changed.get(id(directory), directory.on_disk).items():
        yield path + name, node
        if isinstance(node, Directory):
            yield from walk(node, changed, f"{path}{name}/")


def load(path):
    """What is in a directory, all of it on disk. What is neither file nor directory is left out."""
    made = Directory()
    for entry in sorted(path.iterdir()):
        if entry.is_symlink() or not (entry.is_dir() or entry.is_file()):
            continue
        made.on_disk[entry.name] = load(entry) if entry.is_dir() else File(entry.read_bytes())
    made.live = dict(made.on_disk)
    return made


class Picture:
    """A directory that shows one image of a disk after another, and writes only what it has to."""

    def __init__(self, place):
        self.place = pathlib.Path(place)
        self.place.mkdir(parents=True, exist_ok=True)
        self.shown = {}

    def show(self, image):
        for path in sorted(self.shown.keys() - image.keys(), reverse=True):
            remove(self.place / path)
        for path, left in image.items():
            if left is None:
                (self.place / path).mkdir(mode=0o700, exist_ok=True)
                continue
            before = self.shown.get(path)
            if before is not None and before.file is left.file:
                self._change(path, left, left.changed_since(before))
            else:
                self._write(path, left)
            left.file.settled.clear()
        self.shown = image

    def _write(self, path, left):
        remove(self.place / path)
        descriptor = os.open(self.place / path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(descriptor, left.content())
        finally:
            os.close(descriptor)

    def _change(self, path, left, pages):
        descriptor = os.open(self.place / path, os.O_WRONLY)
        try:
            for page in pages:
                os.pwrite(descriptor, left.page(page), page * PAGE)
            os.ftruncate(descriptor, left.size)
        finally:
            os.close(descriptor)

    def spoiled(self):
        """Somebody wrote to it: the next image begins with nothing."""
        shutil.rmtree(self.place)
        self.place.mkdir()
        self.shown = {}


def remove(path):
    if path.is_dir():
        shutil.rmtree(path)
    elif path.exists():
        path.unlink()
