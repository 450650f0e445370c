# What REST has beside users' commands, asked by everybody: files, exports, what administrators do, what is said of the server.
import asyncio
import pathlib
import tempfile

from client import Client
from openapi_document import Document
from openapi_door import Door
from receiver import endpoint, write_endpoints
from support import done, require, serving

NOBODY = None
SIGNED_IN = {"stranger", "former", "member", "owner", "administrator"}
ADMINISTRATORS = {"administrator"}, 403

# Who may, and what whoever else is signed in is told; nobody at all is told 401.
MAY = {
    **dict.fromkeys(("getLiveness", "getReadiness", "getDescription", "getSocketDescription"), (SIGNED_IN | {NOBODY}, None)),
    "uploadFile": (SIGNED_IN, None),
    "downloadFile": ({"member", "owner"}, 404),
    "exportConversation": ({"member", "owner", "administrator"}, 404),
    "exportUser": ({"member", "administrator"}, 404),  # of the member
    **dict.fromkeys(("listExports", "getExport", "eraseUser", "getUserErasure", "getMetrics", "getStatistics", "getLogLevel", "setLogLevel", "getRetention", "listWebhooks", "redeliverWebhooks",
                     "listHolds", "holdConversation", "releaseConversation", "listLargestConversations", "lookAtConversation", "lookAtMembers", "kickMember", "freezeConversation",
                     "unfreezeConversation", "listConnected", "listSessionsOfUser", "kickUser", "kickSession"), ADMINISTRATORS),
}
ELSEWHERE = {"X-Forwarded-For": "192.0.2.1"}  # for /metrics, a request of another machine


def beside_commands(document):
    return {id: each for id, each in document.operations.items() if "x-parley-command" not in each.facts or "/admin/" in each.path}


def every_resource_is_in_it():
    found = beside_commands(Document.read()).keys()
    require(found == MAY.keys(), "every operation beside users' commands has an entry here", found ^ MAY.keys())
    done("every operation of REST beside users' commands is in the matrix", len(MAY))


class Asked:
    """One server's operations, with what stands in their paths."""

    def __init__(self, server, tokens, fields):
        self.door = Door(server, Document.read(), tokens)
        self.operations = beside_commands(self.door.document)
        self.fields = {"user": "kicked", "endpoint": "audit", **fields}
        self.of = {"exportUser": {"user": "member"}, "eraseUser": {"user": "erased"}, "kickSession": {"user": "other"}}

    def prepare(self):
        """A file in a message's reach, and receipts to ask for."""
        self.fields["file"] = self.by("uploadFile", "owner").json["file"]
        self.by("exportConversation", "administrator")
        self.of["getExport"] = {"receipt": self.by("listExports", "administrator").json["items"][0]["export"]}
        erased = self.door.ask(self.operations["eraseUser"], "administrator", {"user": "erased before"}, {"policy": "anonymise"})
        self.of["getUserErasure"] = {"receipt": erased.json["erasure"]}

    def by(self, id, who):
        operation = self.operations[id]
        query = {each["name"]: each["example"] for each in operation.of("query", True)}
        body = next(iter(operation.bodies.values()), None)
        how = {"headers": {**ELSEWHERE, "Content-Type": "text/plain"}, "body": body.encode()} if isinstance(body, str) else {"headers": ELSEWHERE, "body": body}
        return self.door.ask(operation, who, {**self.fields, **self.of.get(id, {})}, query, **how)

    def refusals(self):
        tried = 0
        for id, (may, told) in MAY.items():
            for who in (SIGNED_IN | {NOBODY}) - may:
                answer = self.by(id, who)
                require(answer.status == (told if who else 401), f"{id} by {who or 'nobody'}", answer)
                tried += 1
        return tried

    def successes(self):
        tried = 0
        for id, operation in self.operations.items():
            for who in MAY[id][0]:
                answer = self.by(id, who)
                require(answer.status in operation.good(), f"{id} by {who or 'nobody'}", answer)
                tried += 1
        return tried


async def resources_by_everybody():
    """Who may not is refused and changes nothing; then who may does it."""
    with tempfile.TemporaryDirectory() as folder:
        hooks = pathlib.Path(folder) / "hooks.json"
        write_endpoints(hooks, endpoint("audit", "http://127.0.0.1:9/", events=["conversation.deleted"]))
        async with serving("--webhooks", str(hooks)) as server:
            tokens = await server.tokens([*SIGNED_IN - {"administrator"}, "kicked", "other", "erased"])
            tokens["administrator"] = await server.token("administrator", admin=True)
            owner, former, kicked, other, erased = [await Client.open(server, tokens[who]) for who in ("owner", "former", "kicked", "other", "erased")]
            room = (await owner.ask("create", kind="group", members=["member", "former", "kicked"]))["conversation"]
            asked = Asked(server, tokens, {"conversation": room, "session": other.welcome["session"]})
            await asyncio.to_thread(asked.prepare)
            await owner.ask("send", conversation=room, client_id="file", body="", files=[asked.fields["file"]])
            before = (await former.ask("leave", conversation=room))["seq"]
            refused = await asyncio.to_thread(asked.refusals)
            require((await owner.ask("get", conversation=room))["seq"] == before, "nothing was changed")
            for client in (kicked, other, erased):
                require((await client.ask("ping"))["type"] == "pong", "and nobody ended")
            done("resources and administrators' operations by who may not", refused)
            done("and by who may", await asyncio.to_thread(asked.successes))
            for client in (owner, former, kicked, other, erased):
                await client.drop()
