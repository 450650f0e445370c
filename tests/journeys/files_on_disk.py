# What is in the files of a data directory, for journeys about what must not be in them any more.
import pathlib


def secret_words(chance, count):
    """Words that begin differently, so that no index can write them as what they share."""
    return ["".join(chance.choice("bcdfghjklmnpqrstvwxz") for _ in range(16)) for _ in range(count)]


def files_with(data, words):
    """The names of the files below `data` in which any of the words is, as it is."""
    found = {}
    for path in sorted(pathlib.Path(data).rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            for word in words:
                if word.encode() in content:
                    found.setdefault(str(path.relative_to(data)), word)
    return found
