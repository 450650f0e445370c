# The AsyncAPI document as a test needs it: commands with their examples, and whether an envelope of the server is one that it describes.
import functools
import pathlib

import jsonschema
import yaml

from support import require

DOCS = pathlib.Path(__file__).parents[2] / "docs"


def read(name):
    """One of the documents; libyaml is ten times as fast, where it is there."""
    with open(DOCS / name, encoding="utf-8") as file:
        return yaml.load(file, getattr(yaml, "CSafeLoader", yaml.SafeLoader))


class References:
    """Puts what is meant in the place of references, within a document and into the other one."""

    def __init__(self):
        self.documents = {name: read(name) for name in ("asyncapi.yaml", "openapi.yaml")}
        self.known = {}

    def meant(self, document, path):
        if (document, path) not in self.known:
            what = self.documents[document]
            for part in path.split("/")[1:]:
                what = what[part]
            self.known[document, path] = self.replaced(document, what)
        return self.known[document, path]

    def replaced(self, document, what):
        if isinstance(what, list):
            return [self.replaced(document, each) for each in what]
        if not isinstance(what, dict):
            return what
        beside = {key: self.replaced(document, value) for key, value in what.items() if key != "$ref"}
        if "$ref" not in what:
            return beside
        other, _, path = what["$ref"].partition("#")
        return {**self.meant(other or document, path), **beside}


class Message:
    """One kind of envelope: a command, an answer or an event."""

    def __init__(self, key, facts):
        self.key = key
        self.way = key.partition(".")[0]
        self.name = facts["name"]
        self.schema = facts["payload"]
        self.examples = [each["payload"] for each in facts["examples"]]
        self.validator = jsonschema.Draft202012Validator(self.schema)

    def __repr__(self):
        return self.key

    def fits(self, envelope):
        return self.validator.is_valid(envelope)

    def judge(self, envelope):
        """Fails unless an envelope is what this says."""
        wrong = jsonschema.exceptions.best_match(self.validator.iter_errors(envelope))
        if wrong is not None:
            where = "/".join(str(each) for each in wrong.absolute_path)
            require(False, "the schema is kept", self, where, wrong.message[:500], envelope)


class Protocol:
    """All of it."""

    def __init__(self):
        references = References()
        self.all = references.documents["asyncapi.yaml"]
        channel = references.meant("asyncapi.yaml", "/channels/socket")
        self.messages = {key: Message(key, facts) for key, facts in channel["messages"].items()}
        self.by_name = {}
        for message in self.messages.values():
            self.by_name.setdefault((message.way, message.name), []).append(message)
        self.replies = {name: self.answers_to(operation) for name, operation in self.all["operations"].items() if operation["action"] == "send"}

    def answers_to(self, operation):
        reply = self.all["components"]["replies"][operation["reply"]["$ref"].rpartition("/")[2]]
        return [self.messages[each["$ref"].rpartition("/")[2]] for each in reply["messages"]]

    @classmethod
    @functools.cache
    def read(cls):
        return cls()

    @property
    def commands(self):
        return [each for each in self.messages.values() if each.way == "command"]

    def judge(self, envelope):
        """Which message an envelope of the server is; fails when it is none."""
        way = "answer" if "ref" in envelope or envelope.get("type") == "welcome" else "event"
        found = self.by_name.get((way, envelope.get("type")), [])
        require(found, f"the {way} is in the document", envelope)
        for each in found:
            if each.fits(envelope):
                return each
        return found[-1].judge(envelope)

    def examples_fit(self):
        """Every example is what its schema says; how many there are."""
        count = 0
        for message in self.messages.values():
            require(message.examples, "an example", message)
            for each in message.examples:
                message.judge(each)
                count += 1
        return count
