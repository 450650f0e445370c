# Every example of docs/openapi.yaml is sent to a real server, and every answer, good or bad, is what the document says.
import asyncio
import json
import tempfile
import time

from client import Client
from openapi_document import Document
from openapi_door import Door
from openapi_world import ASKS, FIRST, World
from support import PATIENCE, done, require, run, serving

USERS = ["alice", "bob", "carol", "dave", "erin", "frank", "mallory", "trent", "stranger"]
ORIGIN = "https://app.example"
TOO_LONG = b'{"client_id":"' + b"x" * 65536 + b'"}'
SIGNED = {"user", "until", "signature"}  # of a signed address; they are sent together
# An address is signed anew, time goes on, and so do those who are connected and told.
NEVER_THE_SAME = {"getFile", "getStatistics", "listConnected", "listLargestConversations", "listWebhooks"}
HOOK = {"id": "audit", "url": "https://hooks.example.com/parley", "secrets": ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], "events": ["conversation.deleted"]}


class Examples:
    """Sends what the document has as examples."""

    def __init__(self, door, world):
        self.door = door
        self.world = world
        self.places = {}  # for who only reads
        world.do(world.conversation(), FIRST["listHolds"] + FIRST["listInvitations"])  # where lists go on

    def place(self, operation):
        """A conversation with what the operation needs, and what stands in its path then; who only reads shares it."""
        reads = operation.method == "GET"
        name = operation.id if operation.id in FIRST else None
        place = self.places.get(name) if reads else None
        if place is None:
            place = self.world.conversation()
            self.world.first(operation, place)
        if reads:
            self.places[name] = place
        return place, self.world.fields(operation, place)

    def call(self, operation, body=None, query=None, headers=None, twice=False):
        """One example, with everything in place for it."""
        conversation, fields = self.place(operation)
        needed = {each["name"]: each["example"] for each in operation.of("query", True)}
        given = self.world.filled(needed | (query or {}), conversation)
        if isinstance(body, str):
            body, headers = body.encode(), {"Content-Type": "text/plain"} | (headers or {})
        elif body is not None:
            body = self.world.filled(body, conversation)
        how = {"fields": fields, "query": given, "body": body, "headers": headers}
        who = ASKS.get(operation.id, "alice")
        answer = self.door.good(operation, who, **how)
        if twice:
            again = self.door.good(operation, who, **how)
            require((again.status, again.body) == (answer.status, answer.body), "a retry gets the first answer", operation, answer, again)
        if operation.method == "GET":
            self.known(operation, who, how, answer)
        return answer

    def known(self, operation, who, how, answer):
        """The same with HEAD, and with the tag of what one has."""
        head = self.door.ask(operation, who, **how, method="HEAD")
        wanted = operation.good() - {206}  # an erasure may end meanwhile
        require(head.status in wanted, "HEAD is as GET", operation, answer, head)
        if operation.named("header", "If-None-Match") and operation.id not in NEVER_THE_SAME:
            for _ in range(100):  # notifications come meanwhile
                same = self.door.ask(operation, who, **{**how, "headers": {"If-None-Match": answer.headers["ETag"]}})
                if same.status == 304:
                    return
                answer = same
            require(False, "what one has is not sent again", operation, same)

    def pages(self, operation):
        """The second page, by the link on the first."""
        first = self.call(operation, query={"limit": 1})
        require(first.next is not None, "there is another page", operation, first)
        who = ASKS.get(operation.id, "alice")
        second = self.door.plain("GET", first.next, who, headers={"X-Request-Id": "next"})
        self.door.document.judge(operation, second)
        require(second.status == 200 and second.json != first.json, "the other page is another one", operation, second)

    def all_of(self, operation):
        """Each example of the body, each optional parameter by itself."""
        bodies = list(operation.bodies.values())
        for body in bodies or [None]:
            self.call(operation, body)
        body = bodies[0] if bodies else None
        if operation.body and not operation.body.get("required"):
            self.call(operation)
        for each in operation.of("query", False):
            if each["name"] == "cursor":
                self.pages(operation)
            elif operation.id != "downloadFile":
                require("example" in each, "an example of a parameter", operation, each["name"])
                self.call(operation, body, {each["name"]: each["example"]})
        for each in operation.of("header"):
            if each["name"] == "Idempotency-Key":
                unnamed = {k: v for k, v in (body or {}).items() if k != "client_id"} if operation.is_json else body
                self.call(operation, unnamed, headers={"Idempotency-Key": f"{each['example']}-{operation.id}"}, twice=True)
            elif each["name"] == "Range":
                require(self.call(operation, headers={"Range": each["example"]}).status == 206, "a part", operation)


def refusals(door, operation, conversation, world):
    """What everybody is refused: no token, a stranger, and requests that are none."""
    examples = list(operation.bodies.values())
    query = {each["name"]: each["example"] for each in operation.of("query", True)}
    body = examples[0] if examples else None
    raw = {"headers": {"Content-Type": "text/plain"}, "body": body.encode()} if isinstance(body, str) else {"headers": {}, "body": body}
    fields = {"conversation": conversation}
    if not operation.takes_anyone:
        answer = door.refused(operation, 401, None, fields, query, **raw)
        require(answer.json["code"] == "unauthenticated", "a token is needed", answer)
        door.refused(operation, 401, None, fields, query, raw["body"], raw["headers"] | {"Authorization": "Bearer e30.e30.e30"})
    elif operation.id == "downloadFile":
        door.refused(operation, 401, None, fields)
    if "/admin/" in operation.path or operation.id in ("eraseUser", "getUserErasure", "getExport", "listExports", "setProfile"):
        door.refused(operation, 403, "alice", {"conversation": conversation, "user": "bob"}, query, body)
    elif any(operation.named("path", name) for name in ("conversation", "file", "session")):
        door.refused(operation, 404, "stranger", fields, query, world.filled(body, conversation))
    if not operation.named("header", "X-Request-Id"):
        return
    who = ASKS.get(operation.id, "alice")
    door.refused(operation, 400, who, fields, query | {"unheard_of": 1}, **raw)
    door.refused(operation, 403, who, fields, query, raw["body"], raw["headers"] | {"Origin": "https://evil.example.com"})
    options(door, operation, fields)
    if operation.named("path", "message"):
        door.refused(operation, 400, who, fields | {"message": "x"}, query, body)
    if query:
        door.refused(operation, 400, who, fields, {}, body)
    if operation.is_json:
        bad_bodies(door, operation, who, fields)


def options(door, operation, fields):
    """What a path takes is said to everybody, and to a page of an allowed origin what it may say."""
    address = door.address(operation, fields, {})
    answer = door.plain("OPTIONS", address)
    methods = answer.headers["Allow"].split(", ")
    require(answer.status == 204 and operation.method in methods and ("HEAD" in methods) == ("GET" in methods), "its methods", operation, answer, methods)
    page = door.plain("OPTIONS", address, headers={"Origin": ORIGIN, "X-Request-Id": "page"})
    said = page.headers["Access-Control-Allow-Origin"], page.headers["Access-Control-Allow-Methods"], page.headers["X-Request-Id"]
    require(said == (ORIGIN, answer.headers["Allow"], "page"), "a page may do that", operation, page.headers.items())
    read = door.plain(operation.method, address, headers={"Origin": ORIGIN})
    named = read.headers["Access-Control-Allow-Origin"], "X-Request-Id" in read.headers["Access-Control-Expose-Headers"]
    require(named == (ORIGIN, True), "and read what it is answered", operation, read, read.headers.items())


def bad_bodies(door, operation, who, fields):
    json_type = {"Content-Type": "application/json"}
    for bytes in (b"{", b"[]", b'"text"', b'{"type":"get"}', b'{"client_id":1}' if operation.id != "type" else b"{}", b'{"client_id":"a","client_id":"b"}'):
        door.refused(operation, 400, who, fields, body=bytes, headers=json_type)
    if operation.body.get("required"):
        door.refused(operation, 400, who, fields)
    door.refused(operation, 413, who, fields, body=TOO_LONG, headers=json_type)
    door.refused(operation, 415, who, fields, body=b"body=x", headers={"Content-Type": "application/x-www-form-urlencoded"})


def conflicts(door, world):
    """A name that was used for something else, twice in one request, and the rules of a conversation."""
    send = world.operations["sendMessage"]
    place = {"conversation": world.conversation()}
    door.refused(send, 409, "bob", place, body={"body": "Something else", "client_id": "1"})
    door.refused(send, 400, "bob", place, body={"body": "a", "client_id": "x"}, headers={"Idempotency-Key": "y"})
    door.refused(send, 400, "bob", place, body={"body": "a"})
    door.refused(send, 413, "bob", place, body={"body": "x" * 16385, "client_id": "long"})
    door.refused(world.operations["changeRole"], 403, "bob", place, body={"role": "owner"})
    door.good(world.operations["updateConversation"], "alice", place, body={"slow_mode": 60})
    door.good(send, "bob", place, body={"body": "a", "client_id": "slow-1"})
    answer = door.refused(send, 429, "bob", place, body={"body": "b", "client_id": "slow-2"})
    require(answer.json["code"] == "slow_mode", "its code", answer)
    door.good(world.operations["updateConversation"], "alice", place, body={"frozen": True})
    require(door.refused(send, 409, "carol", place, body={"body": "c", "client_id": "c"}).json["code"] == "frozen", "its code")
    done("what a conversation refuses has the statuses of the document", 8)


def signed(door, world):
    """A signed address, without a token."""
    found = door.good(world.operations["getFile"], fields={"file": world.upload()})
    path, _, query = found.json["url"].partition("?")
    pairs = dict(each.split("=") for each in query.split("&"))
    require(SIGNED == pairs.keys(), "the parameters of a signed address", pairs)
    require(SIGNED <= {each["name"] for each in world.operations["downloadFile"].of("query")}, "they are in the document")
    answer = door.plain("GET", found.json["url"])
    door.document.judge(world.operations["downloadFile"], answer)
    require(answer.status == 200, "a signed address is good", answer)


def acting(door, world):
    """An administrator asks for somebody, and nobody else does."""
    totals = world.operations["getTotals"]
    own = door.good(totals, "alice").json
    require(own == door.good(totals, "root", headers={"Parley-User": "alice"}).json, "as if alice had asked")
    require(own != door.good(totals, "root").json, "an administrator has something else")
    door.refused(totals, 403, "bob", headers={"Parley-User": "alice"})


def aftermath(door, world):
    """What is left of messages that are gone, with answers and threads, and of members."""
    place = world.conversation()
    steps = [("deleteMessage", "bob", {"message": 2}, None), ("deleteMessage", "alice", {"message": 3}, None),
             ("sendMessage", "carol", {}, {"client_id": "late", "body": "What was that?", "reply_to": 3}), ("react", "bob", {"message": 5}, None),
             ("takeReactionBack", "bob", {"message": 5}, None), ("addMembers", "bob", {}, {"users": ["dave"]}), ("inviteUsers", "bob", {}, {"users": ["erin"]}),
             ("declineInvitation", "erin", {}, None), ("banUser", "alice", {"user": "dave"}, {}), ("silenceMember", "alice", {"user": "bob"}, {"until": 0}),
             ("removeMember", "alice", {"user": "bob"}, None), ("leaveConversation", "alice", {}, None)]
    world.do(place, steps)
    found = door.good(world.operations["getHistory"], "carol", {"conversation": place}).json["events"]
    require({2, 3} == {each["seq"] for each in found if each.get("deleted") and each["type"] == "message"}, "two are gone", found)
    door.good(world.operations["syncEvents"], "carol", {"conversation": place})
    door.good(world.operations["getThread"], "carol", {"conversation": place, "message": 3})
    done("what is left of what is gone has the schemas of the document", len(steps) + 3)


def until(holds, what):
    """Asks again and again, for what takes its time."""
    end = time.monotonic() + PATIENCE
    while not holds():
        require(time.monotonic() < end, "not in time", what)
        time.sleep(0.05)


def everything(server, document, tokens, sessions):
    door = Door(server, document, tokens)
    world = World(door, sessions)
    for user in ("mallory", "trent"):
        door.good(world.operations["blockUser"], "alice", {"user": user})
    examples = Examples(door, world)
    late = ["listNotifications", "getExport", "eraseUser", "getUserErasure"]
    for operation in [each for id, each in document.operations.items() if id not in late]:
        examples.all_of(operation)
    until(lambda: len(door.good(world.operations["listNotifications"]).json["items"]) > 1, "two notifications")
    examples.all_of(world.operations["listNotifications"])
    exported = door.good(world.operations["listExports"], "root").json["items"]
    require(exported, "what was exported has receipts")
    world.receipt = exported[0]["export"]
    examples.all_of(world.operations["getExport"])
    erased = examples.call(world.operations["eraseUser"])
    world.receipt = erased.json["erasure"]
    door.refused(world.operations["eraseUser"], 409, "root", {"user": "frank"}, {"policy": "delete"})
    until(lambda: examples.call(world.operations["getUserErasure"]).status == 200, "the end of an erasure")
    signed(door, world)
    acting(door, world)
    done("every example of every operation goes well", door.asked)
    asked = door.asked
    place = world.conversation()
    for operation in document.operations.values():
        refusals(door, operation, place, world)
    done("what is no good request is refused as the document has it", door.asked - asked)
    conflicts(door, world)
    aftermath(door, world)
    door.succeeded["getUserErasure"].add(202)  # which it may be too quick for
    missing = {id: each.good() - door.succeeded.get(id, set()) for id, each in document.operations.items()}
    require(not any(missing.values()), "each good answer of each operation was seen", {k: v for k, v in missing.items() if v})
    done("each operation of the document was called with success", len(missing))


def served(server, document):
    """The server has the same document."""
    answer = Door(server, document, {}).good(document.operations["getDescription"], None)
    require(answer.json == document.all, "what is served is what is written")


async def main():
    document = Document.read()
    done("every example of the document fits its schema", document.examples_fit())
    with tempfile.NamedTemporaryFile("w", suffix=".json") as hooks:
        json.dump([HOOK], hooks)
        hooks.flush()
        await asked(document, hooks.name)


async def asked(document, hooks):
    async with serving("--origin", ORIGIN, "--notify-after", "1s", "--webhooks", hooks) as server:
        tokens = await server.tokens(USERS)
        tokens["root"] = await server.token("root", admin=True)
        clients = [await Client.open(server, tokens["erin"], device=f"phone-{i}") for i in range(4)]
        sessions = [each.welcome["session"] for each in clients[1:]]
        await asyncio.to_thread(served, server, document)
        done("the server has the document that is written")
        await asyncio.to_thread(everything, server, document, tokens, sessions)
        for each in clients:
            await each.drop()


run(main)
