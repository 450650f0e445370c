# What has to be there before an example of the OpenAPI document can be sent: conversations, messages, files, people.
import json
from concurrent.futures import ThreadPoolExecutor

from support import require

BATCH = 16  # conversations that are made at a time

# Who asks, where it is not alice, who owns the conversation.
ASKS = {"leaveConversation": "bob", "acceptInvitation": "dave", "declineInvitation": "dave", "listInvitations": "dave",
        "setProfile": "bob", "listSessions": "erin", "endSession": "erin", "endSessions": "trent", "getStatistics": "root", "listHolds": "root", "holdConversation": "root",
        "releaseConversation": "root", **dict.fromkeys(
            ("listLargestConversations", "lookAtConversation", "lookAtMembers", "kickMember", "freezeConversation", "unfreezeConversation", "listConnected",
             "listSessionsOfUser", "kickUser", "kickSession", "getLogLevel", "setLogLevel", "getRetention", "listWebhooks", "redeliverWebhooks"), "root"), "eraseUser": "root", "getUserErasure": "root", "getExport": "root", "listExports": "root", "getMetrics": "root"}

# Whom an operation is about, where the example's user would not do.
ABOUT = {"uninviteUser": "dave", "unbanUser": "dave", "blockUser": "mallory", "unblockUser": "mallory", "eraseUser": "frank",
         "exportUser": "alice", "listSessionsOfUser": "erin", "kickSession": "erin", "kickUser": "trent"}

# What is done first, by whom: (operation, who, fields, body).
FIRST = {
    "getErasure": [("deleteMessage", "alice", {"message": 3}, None)],
    "takeReactionBack": [("react", "alice", {}, None)],
    "unpinMessage": [("pinMessage", "alice", {}, None)],
    "unbanUser": [("banUser", "alice", {"user": "dave"}, {})],
    "getRestrictions": [("banUser", "alice", {"user": "dave"}, {}), ("silenceMember", "alice", {"user": "bob"}, {"until": 4102444800000})],
    "listInvited": [("inviteUsers", "alice", {}, {"users": ["dave", "erin"]})],
    "uninviteUser": [("inviteUsers", "alice", {}, {"users": ["dave"]})],
    "acceptInvitation": [("inviteUsers", "alice", {}, {"users": ["dave"]})],
    "declineInvitation": [("inviteUsers", "alice", {}, {"users": ["dave"]})],
    "listInvitations": [("inviteUsers", "alice", {}, {"users": ["dave"]})],
    "unblockUser": [("blockUser", "alice", {"user": "mallory"}, None)],
    "releaseConversation": [("holdConversation", "root", {}, None)],
    "listHolds": [("holdConversation", "root", {}, None)],
    "unfreezeConversation": [("freezeConversation", "root", {}, None)],
    "getReceipts": [("markRead", "bob", {}, {"seq": 6}), ("markDelivered", "carol", {}, {"seq": 6})],
    "getDevices": [("markRead", "alice", {}, {"seq": 6})],
    "getHistory": [("readThread", "alice", {}, {"seq": 5}), ("deleteMessage", "alice", {"message": 4}, None)],
    "syncEvents": [("changeRole", "alice", {"user": "bob"}, {"role": "admin"}), ("silenceMember", "alice", {"user": "bob"}, {"until": 4102444800000}),
                   ("banUser", "alice", {"user": "bob"}, {}), ("updateConversation", "alice", {}, {"title": "Party", "frozen": True, "history": "joined"}),
                   ("inviteUsers", "alice", {}, {"users": ["dave"]}), ("uninviteUser", "alice", {"user": "dave"}, None), ("unpinMessage", "alice", {"message": 3}, None),
                   ("editMessage", "alice", {"message": 4}, {"body": "Bigger"}), ("deleteMessage", "alice", {"message": 4}, None)],
    "listConversations": [("updateConversation", "alice", {}, {"title": "Party", "meta": {"a": 1}, "slow_mode": 1, "retention": {"messages": 1000}, "permissions": {"pin": "admin"}}),
                          ("changeSettings", "alice", {}, {"notify": "mentions", "quiet": ["daily 22:00-07:00"], "pinned": True})],
}
FIRST["getConversation"] = FIRST["listConversations"]

# The messages of a conversation and what became of them, from event 2 on.
TALK = [
    ("sendMessage", "bob", {}, {"client_id": "1", "body": "Who brings the cake, @alice?", "mentions": ["alice"]}),
    ("sendMessage", "alice", {}, {"client_id": "2", "body": "The cake is mine.", "reply_to": 2, "meta": {"mood": "good"}}),
    ("sendMessage", "alice", {}, {"client_id": "3", "body": "A big one", "expires_in": 86400}),
    ("sendMessage", "bob", {}, {"client_id": "4", "body": "With candles?", "thread": 3}),
    ("sendMessage", "carol", {}, {"client_id": "5", "body": "As many as fit.", "thread": 3}),
    ("editMessage", "alice", {"message": 3}, {"body": "The cake is on me."}),
    ("react", "bob", {"message": 3, "emoji": "👍"}, None),
    ("react", "carol", {"message": 3, "emoji": "🎂"}, None),
    ("pinMessage", "alice", {"message": 3}, None),
]


class World:
    """Fills in for the names of the examples what there is."""

    def __init__(self, door, sessions):
        self.door = door
        self.operations = door.document.operations
        self.sessions = sessions  # of erin, to be ended one by one
        self.receipt = None
        self.fresh = []
        self.builders = ThreadPoolExecutor(BATCH)  # together they wait for the disk once
        examples = door.document.all["components"]["parameters"]
        self.names = {name: examples[name]["example"] for name in ("conversation", "file", "session", "receipt")}

    def do(self, conversation, steps):
        for id, who, fields, body in steps:
            self.door.good(self.operations[id], who, {"conversation": conversation} | fields, body=body)

    def conversation(self):
        """A new one with everything in it."""
        if not self.fresh:
            self.fresh = list(self.builders.map(self.build, range(BATCH)))
        return self.fresh.pop()

    def build(self, _):
        def ask(id, who, fields, body):
            operation = self.operations[id]
            answer = self.door.plain(operation.method, self.door.address(operation, fields, {}), who, json.dumps(body).encode() if body else None,
                                     {"Content-Type": "application/json"} if body else {})
            require(answer.status in operation.good(), "it goes well", operation, answer)
            return answer
        made = ask("createConversation", "alice", {}, {"kind": "group", "members": ["bob", "carol", "frank"]}).json["conversation"]
        for id, who, fields, body in TALK:
            ask(id, who, {"conversation": made} | fields, body)
        return made

    def upload(self):
        (example,) = self.operations["uploadFile"].bodies.values()
        return self.door.good(self.operations["uploadFile"], body=example.encode(), query={"name": "cake.txt"},
                              headers={"Content-Type": "text/plain"}).json["file"]

    def first(self, operation, conversation):
        self.do(conversation, FIRST.get(operation.id, []))

    def fields(self, operation, conversation):
        """What stands in the path of one call."""
        fields = {"conversation": conversation}
        if operation.id in ABOUT:
            fields["user"] = ABOUT[operation.id]
        if operation.named("path", "file"):
            fields["file"] = self.upload()
        if operation.named("path", "session"):
            fields["session"] = self.sessions.pop()
        if operation.named("path", "receipt"):
            fields["receipt"] = self.receipt
        return fields

    def filled(self, value, conversation):
        """An example with the ids of what is there."""
        said = json.dumps(value).replace(self.names["conversation"], conversation)
        if self.names["file"] in said:
            said = said.replace(self.names["file"], self.upload())
        return json.loads(said)
