# Every command, asked by everyone: members by their role, ex-members, strangers, and nobody at all.
import itertools
import pathlib
import re

from client import Client, Gone
from resource_matrix import every_resource_is_in_it, resources_by_everybody
from rest_door import OPERATIONS, OverRest
from shapes import numbers
from support import done, require, run, serving

ACTORS = pathlib.Path(__file__).resolve().parents[2] / "actors"
SOURCES = [ACTORS / name for name in ("commands.hpp", "commands_of_users.hpp", "questions.hpp", "invitations.hpp", "profiles.hpp")]

# How each command is asked about a conversation; None when it is about none.
ABOUT = {
    "send": {"client_id": "{unique}", "body": "may I?"},
    "add": {"users": ["{new}"]},
    "invite": {"users": ["{new}"]},
    "uninvite": {"user": "guest"},
    "accept": {},
    "decline": {},
    "invited": {},
    "remove": {"user": "bystander"},
    "ban": {"user": "bystander"},
    "unban": {"user": "{new}"},
    "silence": {"user": "bystander", "until": 0},
    "restrictions": {},
    "leave": {},
    "role": {"user": "bystander", "role": "reader"},
    "update": {"title": "{unique}"},
    "edit": {"message": 2, "body": "{unique}"},
    "delete": {},
    "react": {"message": 2, "emoji": "{unique}"},
    "delivered": {"seq": 1},
    "read": {"seq": 1},
    "unread": {"seq": 1},
    "set": {"pinned": True},
    "typing": {"active": True},
    "get": {},
    "members": {},
    "history": {},
    "sync": {"after": 0},
    "receipts": {"message": 2},
    "devices": {},
    "versions": {"message": 2},
    "erasure": {"message": 2},
    "thread": {"message": 2},
    "read_thread": {"message": 2, "seq": 1},
    "reactions": {"message": 2},
    "pin": {"message": 2},
    "pins": {},
    "presences": {},
    "hello": None, "ping": None, "refresh": None, "create": None, "list": None,
    "presence": None, "watch": None, "unwatch": None, "sessions": None, "end_session": None,
    "search": None, "block": None, "unblock": None, "blocks": None, "totals": None, "invitations": None, "file": None,
    "notifications": None, "dismiss": None, "preferences": None, "my_preferences": None,
    "profile": None, "set_profile": None,
    "hold": None, "holds": None,
}

# Who may do what: (kind, role) -> the commands that work; the others are `forbidden`.
QUIET = {"typing"}  # is told to others, changes nothing
READ = {"get", "members", "history", "sync", "delivered", "read", "unread", "receipts", "devices", "set", "versions", "reactions", "erasure", "thread", "read_thread", "pins", "presences"}
NOTED = {"restrictions", "unban", "silence", "uninvite", "invited"}  # nobody is banned, silent or invited
ABOUT_A_MESSAGE = {"receipts", "edit", "react", "versions", "reactions", "erasure", "thread", "read_thread", "pin"}  # the newest, which its author, the owner, may edit
BETWEEN_THE_TWO = {"send", "edit", "react", "pin", "update", "typing", "receipts"}  # ends when one blocks the other
FOR_THE_INVITED = {"accept", "decline"}  # members are not
RIGHTS = {
    ("group", "owner"): READ | QUIET | {"send", "add", "invite", "uninvite", "invited", "remove", "ban", "unban", "silence", "restrictions", "leave", "role", "update", "edit", "react", "pin", "delete"},
    ("group", "admin"): READ | QUIET | {"send", "add", "invite", "uninvite", "invited", "remove", "ban", "unban", "silence", "restrictions", "leave", "role", "update", "react", "pin"},
    ("group", "member"): READ | QUIET | {"send", "add", "invite", "uninvite", "invited", "leave", "update", "react", "pin"},
    ("group", "reader"): READ | {"leave", "react"},
    ("channel", "owner"): READ | QUIET | {"send", "add", "invite", "uninvite", "invited", "remove", "ban", "unban", "silence", "restrictions", "leave", "role", "update", "edit", "react", "pin", "delete"},
    ("channel", "admin"): READ | QUIET | {"send", "add", "invite", "uninvite", "invited", "remove", "ban", "unban", "silence", "restrictions", "leave", "role", "update", "react", "pin"},
    ("channel", "reader"): READ | {"leave", "react"},
    ("direct", "member"): READ | QUIET | {"send", "update", "react", "pin"},
}

# Commands that are several operations: how each is asked beside ABOUT, and the roles that may, in groups, channels and direct conversations.
FORMS = {
    "delete another's message": ("delete", {"for": "everyone"}, {("group", "owner"), ("group", "admin"), ("channel", "owner"), ("channel", "admin")}),
    "delete for oneself": ("delete", {"for": "me"}, set(RIGHTS)),
    "update meta": ("update", {"meta": {"n": "{unique}"}}, {each for each, may in RIGHTS.items() if "update" in may}),
    **{f"update {field}": ("update", {field: value}, {("group", "owner"), ("channel", "owner")} | ({("group", "admin"), ("channel", "admin")} if of_admins else set()))
       for field, value, of_admins in (("slow_mode", 5000, True), ("frozen", True, True), ("permissions", {"pin": "owner"}, False), ("history", "joined", False), ("retention", {"days": 9}, False))},
}

unique = itertools.count(1)


def every_command():
    """The names of all commands the server knows, from its table."""
    names = [name for source in SOURCES for name in re.findall(r'string_view name = "(\w+)"', source.read_text())]
    require(len(names) > 20, "the tables of commands name them", names)
    return names


def filled(fields):
    number = str(next(unique))
    def fill(value):
        if isinstance(value, list):
            return [fill(each) for each in value]
        if isinstance(value, dict):
            return {name: fill(each) for name, each in value.items()}
        return value.format(unique=number, new=f"new-{number}") if isinstance(value, str) else value
    return {key: fill(value) for key, value in fields.items()}


def about(command, conversation):
    return {"type": command, "conversation": conversation, **filled(ABOUT[command])}


async def conversation_with(owner, kind, others):
    """A conversation of the kind whose members have the roles given as {user: role}."""
    if kind == "direct":
        made = (await owner.ask("create", kind="direct", with_=next(iter(others))))["conversation"]
        await owner.send(made, f"first-{next(unique)}", "the newest event is a message")
        return made
    made = (await owner.ask("create", kind=kind))["conversation"]
    for user, role in {"bystander": "member", **others}.items():
        await owner.ask("add", conversation=made, users=[user], role=role)
    await owner.send(made, f"first-{next(unique)}", "the newest event is a message")
    return made


async def by_role(clients):
    """Each command by each role in each kind of conversation."""
    tried = 0
    for (kind, role), allowed in RIGHTS.items():
        for command in (name for name, fields in ABOUT.items() if fields is not None):
            asker, owner = (clients["olga"], clients["mia"]) if role == "owner" else (clients["mia"], clients["olga"])
            if role == "owner":
                made = await conversation_with(asker, kind, {"mia": "member"})
            else:
                made = await conversation_with(owner, kind, {"mia": role})
            before = (await owner.ask("get", conversation=made))["seq"]
            message = before
            if command == "erasure":  # of a message that was deleted
                author = asker if role == "owner" else owner
                before = (await author.ask("delete", conversation=made, message=message, **{"for": "everyone"}))["seq"]
            answer = await asker.answer(**{**about(command, made), **({"message": message} if command in ABOUT_A_MESSAGE else {})})
            wanted = None if command in allowed else "not_found" if command in FOR_THE_INVITED else "forbidden"
            require(answer.get("code") == wanted, f"{command} by {role} of a {kind}", answer)
            changed = command in allowed and command not in READ | QUIET | NOTED
            if not (command in ("leave", "delete") and role == "owner"):
                after = (await owner.ask("get", conversation=made))["seq"]
                require(after == before + changed, "a refused command changes nothing", command, before, after)
            tried += 1
    done("commands by role in groups, channels and direct conversations", tried)


async def by_form(clients):
    """Commands that are several operations, form by form, by each role, a stranger, an ex-member, the banned and the blocked."""
    tried = 0
    olga, mia = clients["olga"], clients["mia"]
    for form, (command, fields, allowed) in FORMS.items():
        def asked(conversation, message):
            return {"type": command, "conversation": conversation, **filled(fields), **({"message": message} if command == "delete" else {})}
        for kind, role in RIGHTS:
            asker, owner = (mia, olga) if role != "owner" else (olga, mia)
            made = await conversation_with(olga, kind, {"mia": role if role != "owner" else "member"})
            if role == "owner":
                await owner.send(made, f"theirs-{next(unique)}", "by another") if kind == "group" else None
            before = (await olga.ask("get", conversation=made))["seq"]
            answer = await asker.answer(**asked(made, before))
            require(answer.get("code") == (None if (kind, role) in allowed else "forbidden"), f"{form} by {role} of a {kind}", answer)
            after = (await olga.ask("get", conversation=made))["seq"]
            require(after == before + ((kind, role) in allowed and form != "delete for oneself"), "a refused form changes nothing", form, before, after)
            tried += 1
        made = await conversation_with(olga, "group", {"mia": "admin", "ben": "admin", "zoe": "member"})
        await mia.ask("leave", conversation=made)
        await olga.ask("ban", conversation=made, user="ben")
        for who in ("eve", "mia", "ben"):
            require(await clients[who].refusal(**asked(made, 2)) == "not_found", f"{form} by {who}")
            tried += 1
        made = await conversation_with(olga, "direct", {"mia": "member"})
        said = (await mia.send(made, f"own-{next(unique)}", "mine"))["seq"]
        for blocks, is_blocked in (("olga", "mia"), ("mia", "olga")):
            await clients[blocks].ask("block", user=is_blocked)
            answer = await mia.answer(**asked(made, said))
            require(answer.get("code") == (None if command == "delete" else "forbidden"), f"{form} where {blocks} has blocked {is_blocked}", answer)
            await clients[blocks].ask("unblock", user=is_blocked)
            tried += 1
    done("forms of commands by role, strangers, ex-members, the banned and the blocked", tried)


async def who_removes_whom(clients):
    """Owners remove everyone, admins only those below them, and nobody is made more than oneself."""
    olga, mia = clients["olga"], clients["mia"]
    tried = 0
    for role, whom, wanted in (("admin", "member", None), ("admin", "admin", "forbidden"),
                               ("admin", "owner", "forbidden"), ("member", "member", "forbidden")):
        made = await conversation_with(olga, "group", {"mia": role, "zoe": "admin" if whom == "admin" else "member"})
        target = "olga" if whom == "owner" else "zoe"
        answer = await mia.answer("remove", conversation=made, user=target)
        require(answer.get("code") == wanted, f"{whom} removed by {role}", answer)
        tried += 1
    for role, given, wanted in (("owner", "owner", "forbidden"), ("owner", "admin", None), ("member", "admin", "forbidden"),
                                ("member", "member", None), ("member", "reader", None), ("admin", "admin", None)):
        made = await conversation_with(olga, "group", {"mia": role} if role != "owner" else {})
        asker = olga if role == "owner" else mia
        answer = await asker.answer("add", conversation=made, users=["zoe"], role=given)
        require(answer.get("code") == wanted, f"{role} gives {given}", answer)
        tried += 1
    made = await conversation_with(olga, "group", {"mia": "reader"})
    for command in ("send", "typing", "add", "role", "update", "delete"):
        require(await mia.refusal(**about(command, made)) == "forbidden", f"a reader may not {command}")
        tried += 1
    done("who removes whom, who gives which role", tried)


async def strangers_learn_nothing(clients):
    """Strangers, ex-members and the banned get the very answer that a conversation which is not there gets."""
    olga, stranger, former, banned = clients["olga"], clients["eve"], clients["mia"], clients["ben"]
    tried = 0
    for kind in ("group", "channel", "direct"):
        others = {"zoe": "member"} if kind == "direct" else {"zoe": "member", "mia": "member", "ben": "admin"}
        made = await conversation_with(olga, kind, others)
        await olga.send(made, f"s{next(unique)}", "secret")
        askers = [stranger]
        if kind != "direct":
            await former.ask("leave", conversation=made)
            await olga.ask("ban", conversation=made, user="ben")
            askers += [former, banned]
        before = (await olga.ask("get", conversation=made))["seq"]
        for asker in askers:
            for command in (name for name, fields in ABOUT.items() if fields is not None):
                real = await asker.answer(**about(command, made))
                absent = await asker.answer(**about(command, "c" + "0" * 32))
                require(real.get("code") == "not_found", f"{command} by a stranger", real)
                for answer in (real, absent):
                    answer.pop("ref")
                require(real == absent, "and the answer tells nothing", real, absent)
                tried += 1
            listed = await asker.ask("list", limit=100)
            require(made not in {item["conversation"] for item in listed["items"]}, "it is not listed", listed)
        after = (await olga.ask("get", conversation=made))["seq"]
        require(before == after, "nothing was changed", before, after)
    for client in (stranger,):
        shown = [e for e in client.seen if "conversation" in e and e["type"] != "error"]
        require(not shown, "a stranger is sent nothing", shown)
    done("commands by strangers, ex-members and the banned: not_found, like a conversation that is not there", tried)


async def the_invited_learn_nothing(clients):
    """Who is invited gets what strangers get, but for an answer to the invitation."""
    olga, invited = clients["olga"], clients["mia"]
    tried = 0
    for kind in ("group", "channel"):
        made = (await olga.ask("create", kind=kind))["conversation"]
        await olga.ask("invite", conversation=made, users=["mia"])
        await invited.expect("invitation", conversation=made)
        await olga.send(made, f"s{next(unique)}", "secret")
        for command in (name for name, fields in ABOUT.items() if fields is not None and name not in FOR_THE_INVITED):
            require(await invited.refusal(**about(command, made)) == "not_found", f"{command} by who is invited")
            tried += 1
        require(made not in {item["conversation"] for item in (await invited.ask("list", limit=100))["items"]}, "not listed")
        await invited.ask("decline", conversation=made)
        over = await invited.expect("invitation_over", conversation=made)
        shown = [e for e in invited.seen if e.get("conversation") == made and "ref" not in e]
        require([e["type"] for e in shown] == ["invitation", "invitation_over"], "nothing else was sent", shown, over)
        require(await invited.refusal("accept", conversation=made) == "not_found", "and it is over")
    done("commands by who is invited: not_found", tried)


async def the_blocked(clients):
    """Of two users, one of whom has blocked the other, neither deals with the other; what was said stays."""
    tried = 0
    for blocks, is_blocked in (("olga", "mia"), ("mia", "olga")):
        await clients[blocks].ask("block", user=is_blocked)
        for asker, other in ((clients["mia"], clients["olga"]), (clients["olga"], clients["mia"])):
            for command in (name for name, fields in ABOUT.items() if fields is not None):
                await clients[blocks].ask("unblock", user=is_blocked)
                made = await conversation_with(other, "direct", {asker.welcome["user"]: "member"})
                before = (await other.ask("get", conversation=made))["seq"]
                message = before
                if command == "erasure":  # of a message that was deleted
                    await other.ask("delete", conversation=made, message=message, **{"for": "everyone"})
                if command == "edit":  # one's own
                    message = (await asker.send(made, f"own-{next(unique)}", "mine"))["seq"]
                await clients[blocks].ask("block", user=is_blocked)
                answer = await asker.answer(**{**about(command, made), **({"message": message} if command in ABOUT_A_MESSAGE else {})})
                allowed = RIGHTS["direct", "member"] - BETWEEN_THE_TWO
                wanted = None if command in allowed else "not_found" if command in FOR_THE_INVITED else "forbidden"
                require(answer.get("code") == wanted, f"{command} where {blocks} has blocked {is_blocked}", answer)
                tried += 1
        for asker, other in (("mia", "olga"), ("olga", "mia")):
            tried += await puts_in_nobody(clients[asker], other)
        await clients[blocks].ask("unblock", user=is_blocked)
    done("commands of two users, one of whom has blocked the other", tried)


async def puts_in_nobody(asker, other):
    """Neither of the two puts the other into a conversation, alone or among others; the answers are the same."""
    tried = 0
    for kind in ("group", "channel"):
        made = (await asker.ask("create", kind=kind))["conversation"]
        words = set()
        for users in ([other], ["zoe", other]):
            for fields in ({"type": "add", "conversation": made, "users": users}, {"type": "invite", "conversation": made, "users": users},
                           {"type": "create", "kind": kind, "members": users}):
                answer = await asker.answer(**fields)
                require(answer.get("code") == "forbidden", "with a block between the two", fields, answer)
                words.add(answer["message"])
                tried += 1
        require(len(words) == 1, "in the same words", words)
        require((await asker.ask("get", conversation=made))["seq"] == 1, "and nobody was put there")
    return tried


async def only_ones_own(clients):
    """Strangers and ex-members see everyone as someone who does not exist, and end nobody's session."""
    olga, former, stranger = clients["olga"], clients["mia"], clients["eve"]
    made = (await olga.ask("create", kind="group", members=["tom"]))["conversation"]
    tried = 0
    for asker in (former, stranger):
        for user in ("tom", "no such user"):
            await asker.ask("watch", users=[user])
            event = await asker.expect("presence", user=user)
            require({k: v for k, v in event.items() if k not in ("type", "user")} == {"status": "offline"}, "a stranger", event)
            require(await asker.refusal("profile", user=user) == "not_found", "a stranger's profile", user)
            require((await asker.ask("profile", users=[user]))["items"] == [], "nor in a list", user)
        require(await asker.refusal("end_session", session=olga.welcome["session"]) == "not_found", "another's session")
        listed = (await asker.ask("sessions"))["items"]
        require([each["session"] for each in listed] == [asker.welcome["session"]], "one's own sessions alone", listed)
        tried += 4
    require((await olga.ask("get", conversation=made))["type"] == "conversation", "whose session goes on")
    done("presence and sessions of others", tried)


async def only_administrators(server, clients):
    """Holds are for administrators alone: an owner gets the very answer that a stranger gets, an administrator needs no role."""
    olga, stranger = clients["olga"], clients["eve"]
    made = await conversation_with(olga, "group", {"mia": "member"})
    tried = 0
    for asker in (olga, clients["mia"], stranger):
        for where in (made, "c" + "0" * 32):
            require(await asker.refusal("hold", conversation=where, on=True) == "forbidden", "no administrator")
            tried += 1
        require(await asker.refusal("holds") == "forbidden", "no administrator")
        tried += 1
    ada = await Client.open(server, await server.token("ada", admin=True))
    require(await ada.refusal("hold", conversation="c" + "0" * 32, on=True) == "not_found", "there must be something to hold")
    require((await ada.ask("hold", conversation=made, on=True))["type"] == "ok", "an administrator")
    require([each["conversation"] for each in (await ada.ask("holds"))["items"]] == [made], "and the list")
    for command in ("history", "get", "send"):
        require(await ada.refusal(**about(command, made)) == "not_found", "who is a stranger all the same")
    require((await ada.ask("hold", conversation=made, on=False))["type"] == "ok", "and its end")
    await ada.close()
    done("holds by members and strangers: forbidden", tried)


async def the_removed_hear_no_more(server, clients):
    """A member is removed while sends are in flight: `left` is the last event, every time."""
    olga, mia = clients["olga"], clients["mia"]
    rounds = 20
    for i in range(rounds):
        made = await conversation_with(olga, "group", {"mia": "member"})
        commands = [about("send", made) for _ in range(20)]
        commands.insert(i % 20, {"type": "remove", "conversation": made, "user": "mia"})
        answers = await olga.answers(commands)
        require(all(a["type"] in ("sent", "ok") for a in answers), "the owner may", answers[:3])
        left = await mia.expect("left", conversation=made, user="mia")
        fence = await conversation_with(olga, "group", {"mia": "member"})
        await mia.expect("joined", conversation=fence)
        got = [e for e in mia.seen if e.get("conversation") == made and "seq" in e and e["type"] != "conversation"]
        require(got[-1] == left, "`left` is the last", got[-1])
        require(numbers(got) == list(range(got[0]["seq"], left["seq"] + 1)), "and nothing is missing before it",
                numbers(got))
    done("removed while sends are in flight: left is the last event", rounds)


async def nobody(server, clients):
    """No command works before `hello`: it gets an error and the connection ends with 4401."""
    made = await conversation_with(clients["olga"], "group", {})
    before = (await clients["olga"].ask("get", conversation=made))["seq"]
    others = {"ping": {}, "refresh": {"token": "x"}, "create": {"kind": "group"}, "list": {}, "search": {"query": "x"}, "totals": {},
              "block": {"user": "mia"}, "unblock": {"user": "mia"}, "blocks": {}, "invitations": {}, "file": {"file": "0" * 32},
              "hold": {"conversation": made, "on": True}, "holds": {},
              "notifications": {}, "dismiss": {}, "preferences": {"notify": "none"}, "my_preferences": {},
              "profile": {"user": "olga"}, "set_profile": {"name": "Nobody"},
              "presence": {"status": "busy"}, "watch": {"users": ["olga"]}, "unwatch": {"users": ["olga"]},
              "sessions": {}, "end_session": {"session": clients["olga"].welcome["session"]}}
    tried = 0
    for encoding in ("msgpack", "json"):
        for command in ABOUT:
            if command == "hello":
                asked = {"type": "hello"}
            else:
                asked = {"type": command, **others[command]} if ABOUT[command] is None else about(command, made)
            client = await Client.connect(server, encoding)
            try:
                answer = await client.answer(**asked)
                require(answer["type"] == "error" and answer["code"] == "unauthenticated", f"{command} by nobody", answer)
            except Gone:
                pass
            require(await client.gone() == 4401, f"{command} before hello ends the connection", client.socket.close_code)
            tried += 1
    after = (await clients["olga"].ask("get", conversation=made))["seq"]
    require(before == after, "nothing was changed", before, after)
    done("commands by nobody: unauthenticated, then 4401", tried)


async def over_rest(server, tokens):
    """The same of the other door: whoever speaks by REST may do what they may by WebSocket, and nothing more."""
    clients = {user: await OverRest.open(server, token) for user, token in tokens.items()}
    for each in (by_role, by_form, who_removes_whom, strangers_learn_nothing, the_invited_learn_nothing, the_blocked):
        await each(clients)
    asked = sum(client.requests for client in clients.values())
    without = {name for name, fields in ABOUT.items() if fields is not None} - OPERATIONS.keys()
    require(not without, "every command about a conversation has an operation", without)
    for client in clients.values():
        await client.close()
    done("all of this over REST", asked)


async def main():
    missing = set(every_command()) - ABOUT.keys()
    require(not missing, "every command of the server has an entry here", missing)
    settled = set(re.findall(r'each\("(\w+)", &update_conversation', SOURCES[0].read_text())) - {"conversation", "client_id"}
    missing = settled - {"title"} - {form.split()[-1] for form, (command, _, _) in FORMS.items() if command == "update"}
    require(len(settled) > 5 and not missing, "every field of `update` has one, too", missing)
    done("every command of the server's table is in the matrix", len(ABOUT) + len(settled))
    every_resource_is_in_it()
    await resources_by_everybody()
    async with serving() as server:
        tokens = await server.tokens(["olga", "mia", "zoe", "eve", "ben"])
        clients = {user: await Client.open(server, token) for user, token in tokens.items()}
        await by_role(clients)
        await by_form(clients)
        await who_removes_whom(clients)
        await strangers_learn_nothing(clients)
        await the_invited_learn_nothing(clients)
        await the_blocked(clients)
        await only_ones_own(clients)
        await only_administrators(server, clients)
        await the_removed_hear_no_more(server, clients)
        await nobody(server, clients)
        for client in clients.values():
            await client.close()
        await over_rest(server, tokens)


if __name__ == "__main__":
    run(main)
