# What has to be there before an example of the AsyncAPI document can be sent: conversations, messages, files, sessions.
import asyncio
import json

from client import Client
from rest import Rest
from support import require

USERS = ["alice", "bob", "carol", "dave", "erin", "frank", "gus", "mallory", "trent"]
BATCH = 9  # conversations that are made at a time

# The names that the examples use, and what they stand for.
CONVERSATION = "g5b1f0c3a9d2e4876b0c1f5a3d7e9b2c4"
FILE = "f0e1d2c3b4a5968778695a4b3c2d1e0f"

# Who says it, where it is not alice, who owns the conversation.
ASKS = {"leave": "bob", "accept": "dave", "decline": "dave", "invitations": "dave", "hold": "root", "holds": "root", "end_session": "erin",
        "notifications": "frank", "dismiss": "frank"}

# What changes too much for other examples to be said in the same conversation.
FRESH = ("add", "remove", "leave", "ban", "invite", "delete", "hold")

INVITE_DAVE = ("alice", {"type": "invite", "users": ["dave"]})

# What is said first, by whom.
FIRST = {
    "unban": [("alice", {"type": "ban", "user": "dave"})],
    "restrictions": [("alice", {"type": "ban", "user": "dave"}), ("alice", {"type": "silence", "user": "bob", "until": 4102444800000})],
    "holds": [("root", {"type": "hold", "on": True})],
    "uninvite": [INVITE_DAVE],
    "accept": [INVITE_DAVE],
    "decline": [INVITE_DAVE],
    "invited": [("alice", {"type": "invite", "users": ["dave", "erin"]})],
    "invitations": [INVITE_DAVE],
    "react": [("alice", {"type": "react", "message": 2, "emoji": "👍"})],
    "erasure": [("alice", {"type": "delete", "message": 4, "for": "everyone"})],
    "receipts": [("bob", {"type": "read", "seq": 9}), ("carol", {"type": "delivered", "seq": 9})],
    "devices": [("alice", {"type": "read", "seq": 9})],
    "unread": [("alice", {"type": "read", "seq": 10})],
    "history": [("alice", {"type": "read_thread", "message": 3, "seq": 7}), ("alice", {"type": "delete", "message": 4, "for": "everyone"})],
    "sync": [("alice", {"type": "role", "user": "bob", "role": "admin"}), ("alice", {"type": "silence", "user": "carol", "until": 4102444800000}),
             ("alice", {"type": "update", "title": "Party"}), INVITE_DAVE, ("alice", {"type": "uninvite", "user": "dave"}),
             ("alice", {"type": "pin", "message": 3, "remove": True}), ("alice", {"type": "edit", "message": 4, "body": "Bigger"}),
             ("alice", {"type": "delete", "message": 4, "for": "everyone"})],
    "list": [("alice", {"type": "update", "title": "Party", "meta": {"a": 1}, "slow_mode": 1, "retention": {"messages": 1000}, "permissions": {"pin": "admin"}}),
             ("alice", {"type": "set", "notify": "mentions", "quiet": ["daily 22:00-07:00"], "pinned": True})],
    "unblock": [("alice", {"type": "block", "user": "mallory"})],
    "blocks": [("alice", {"type": "block", "user": "mallory"}), ("alice", {"type": "block", "user": "trent"})],
}
FIRST["get"] = FIRST["list"]

# The messages of a conversation and what became of them, from event 2 on.
TALK = [
    ("bob", [{"type": "send", "client_id": "1", "body": "Who brings the cake, @alice?", "mentions": ["alice"]}]),
    ("alice", [{"type": "send", "client_id": "2", "body": "The cake is mine.", "reply_to": 2, "meta": {"mood": "good"}},
               {"type": "send", "client_id": "3", "body": "A big one", "expires_in": 86400},
               {"type": "edit", "message": 3, "body": "The cake is on me."},
               {"type": "pin", "message": 3}]),
    ("bob", [{"type": "send", "client_id": "4", "body": "With candles?", "thread": 3}, {"type": "react", "message": 3, "emoji": "👍"}]),
    ("carol", [{"type": "send", "client_id": "5", "body": "As many as fit.", "thread": 3}, {"type": "react", "message": 3, "emoji": "🎂"}]),
]


class World:
    """A server with everybody connected, in one encoding, and what the names of the examples stand for."""

    def __init__(self, server, encoding, protocol):
        self.server = server
        self.encoding = encoding
        self.protocol = protocol
        self.fields = {each.name: each.schema["properties"].keys() for each in protocol.commands}
        self.tokens = {}
        self.clients = {}   # the first session of each user
        self.everyone = []  # all sessions that there ever were
        self.fresh = []
        self.shared = None  # the conversation of most examples

    async def open(self, user, **how):
        client = await Client.open(self.server, self.tokens[user], self.encoding, **how)
        self.everyone.append(client)
        return client

    async def begin(self):
        self.tokens = await self.server.tokens(USERS)
        self.tokens["root"] = await self.server.token("root", admin=True)
        for user in [*USERS, "root"]:
            self.clients[user] = await self.open(user, device=f"{user}-1")
        for user in ("alice", "erin", "erin", "frank"):  # whose other sessions are told, or ended
            await self.open(user)
        for client in self.everyone:
            if client.welcome["user"] == "frank":  # who is notified
                await client.ask("presence", status="away")
        return self

    async def say(self, who, command, conversation=None):
        """What a command is answered with, which is no error."""
        if "conversation" in self.fields[command["type"]]:
            command = {"conversation": conversation} | command
        (answer,) = await self.clients[who].answers([command])
        require(answer["type"] != "error", "it goes well", who, command, answer)
        return answer

    async def build(self):
        made = await self.say("alice", {"type": "create", "kind": "group", "title": "Cake", "members": ["bob", "carol", "frank"]})
        room = made["conversation"]
        for who, commands in TALK:
            for answer in await self.clients[who].answers([each | {"conversation": room} for each in commands]):
                require(answer["type"] != "error", "it goes well", who, answer)
        return room

    async def conversation(self):
        """A new one with everything in it."""
        if not self.fresh:
            self.fresh = list(await asyncio.gather(*[self.build() for _ in range(BATCH)]))
        return self.fresh.pop()

    async def place(self, command):
        """Where a command can be said: where the others are, unless it needs something first, or leaves too much behind."""
        if command in FRESH or command in FIRST:
            conversation = await self.conversation()
            for who, first in FIRST.get(command, []):
                await self.say(who, first, conversation)
            return conversation
        if self.shared is None:
            self.shared = await self.conversation()
        return self.shared

    async def filled(self, example, conversation):
        """An example with the names of what is there."""
        said = json.dumps(example).replace(CONVERSATION, conversation)
        if FILE in said:
            rest = Rest(self.server, self.tokens["alice"])
            uploaded = await rest.good("POST", "/v1/files?name=cake.txt", b"A cake.", status=201, Content_Type="text/plain")
            said = said.replace(FILE, uploaded["file"])
        command = json.loads(said)
        if "token" in command:
            command["token"] = self.tokens["alice"]
        if "session" in command:
            command["session"] = next(each for each in self.everyone if each.welcome["user"] == "erin" and each != self.clients["erin"]).welcome["session"]
        return command
