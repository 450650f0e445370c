# A client whose commands go over REST wherever an operation is one, so that what holds of one door is tried at the other.
import itertools
import json
import urllib.parse

from asyncapi_document import read
from client import Client, plain
from rest import Rest, segment

DOCUMENT = read("openapi.yaml")


def operations():
    """Method, path and the path's fields of each command's operations."""
    found = {}
    for path, item in DOCUMENT["paths"].items():
        names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        for method, facts in item.items():
            if "x-parley-command" in facts:
                found.setdefault(facts["x-parley-command"], []).append((method.upper(), path, names))
    return found


OPERATIONS = operations()


def operation_for(command, fields):
    """The operation that is this command with these fields; nothing where there is none."""
    takes_away = fields.get("remove") is True or fields.get("on") is False
    fitting = [each for each in OPERATIONS.get(command, []) if all(name in fields for name in each[2])]
    if len({method for method, *_ in fitting}) > 1 and {"PUT", "DELETE"} <= {method for method, *_ in fitting}:
        fitting = [each for each in fitting if (each[0] == "DELETE") == takes_away]
    return max(fitting, key=lambda each: len(each[2]), default=None)


class OverRest(Client):
    """Hears by its WebSocket, and speaks by REST."""

    @classmethod
    async def open(cls, server, token, *more, **how):
        client = await super().open(server, token, *more, **how)
        client.rest = Rest(server, token)
        client.requests = 0
        client.numbers = itertools.count(1)
        return client

    async def answer(self, type, patience=20, ref=None, **fields):
        fields = plain(fields)
        chosen = operation_for(type, fields) if hasattr(self, "rest") else None
        if chosen is None:
            return await super().answer(type, patience, ref, **fields)
        method, path, names = chosen
        for name in names:
            path = path.replace("{" + name + "}", segment(str(fields.pop(name))))
        fields.pop("remove", None)
        fields.pop("on", None)
        headers = {}
        body = None
        if method in ("GET", "DELETE"):
            if "client_id" in fields:
                headers["Idempotency_Key"] = fields.pop("client_id")
            said = {name: json.dumps(value) if isinstance(value, bool) else value for name, value in fields.items()}
            path += "?" + urllib.parse.urlencode(said) if said else ""
        elif fields:
            body = fields
        status, _, data = await self.rest.ask(method, path, body, **headers)
        self.requests += 1
        told = json.loads(data)
        if status >= 400:
            told = {"type": "error", "code": told["code"], "message": told["detail"]}
        return {**told, "ref": next(self.numbers)}
