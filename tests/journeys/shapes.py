# What each answer and event must look like: keys with their types, wanted and allowed ones.
from support import require

TEXT, NUMBER, FLAG, LIST, MAP = str, int, bool, list, dict

# type -> (keys that must be there, keys that may be there, whether other keys are allowed)
SHAPES = {
    "welcome": ({"user": TEXT, "device": TEXT, "session": TEXT, "server": MAP, "limits": MAP,
                 "ping_ms": NUMBER, "epoch": TEXT, "cursor": TEXT}, {}, True),
    "pong": ({}, {}, False),
    "ok": ({}, {"seq": NUMBER}, False),
    "sent": ({"conversation": TEXT, "client_id": TEXT, "seq": NUMBER, "at": NUMBER}, {}, False),
    "conversation": ({"conversation": TEXT, "kind": TEXT, "members": LIST, "seq": NUMBER}, {"title": TEXT}, True),
    "message": ({"conversation": TEXT, "seq": NUMBER, "at": NUMBER, "from": TEXT, "client_id": TEXT,
                 "body": TEXT}, {"edited_at": NUMBER, "edits": NUMBER, "reactions": MAP, "expires_at": NUMBER,
                             "thread": NUMBER, "replies": MAP, "files": LIST}, True),
    "edited": ({"conversation": TEXT, "seq": NUMBER, "at": NUMBER, "message": NUMBER, "by": TEXT, "body": TEXT},
               {"mentions": LIST}, False),
    "reaction": ({"conversation": TEXT, "seq": NUMBER, "at": NUMBER, "message": NUMBER, "user": TEXT, "emoji": TEXT},
                 {"removed": FLAG}, False),
    "joined": ({"conversation": TEXT, "seq": NUMBER, "at": NUMBER, "users": LIST, "by": TEXT}, {}, False),
    "left": ({"conversation": TEXT, "seq": NUMBER, "at": NUMBER, "user": TEXT, "by": TEXT},
             {"owner": TEXT, "banned_until": NUMBER}, False),
    "changed": ({"conversation": TEXT, "seq": NUMBER, "at": NUMBER, "by": TEXT},
                {"user": TEXT, "role": TEXT, "title": TEXT, "meta": MAP, "slow_mode": NUMBER, "frozen": FLAG, "permissions": MAP,
                 "history": TEXT, "retention": MAP, "banned_until": NUMBER, "silent_until": NUMBER}, False),
    "deleted": ({"conversation": TEXT, "seq": NUMBER, "at": NUMBER, "by": TEXT}, {"message": NUMBER, "expired": FLAG}, False),
    "erasure": ({"conversation": TEXT, "message": NUMBER, "from": TEXT, "seq": NUMBER, "by": TEXT, "at": NUMBER,
                 "versions": NUMBER}, {"expired": FLAG, "compacted_at": NUMBER, "files": NUMBER}, False),
    "trimmed": ({"conversation": TEXT, "before": NUMBER}, {}, False),
    "holds": ({"items": LIST}, {"cursor": TEXT}, False),
    "receipt": ({"conversation": TEXT, "user": TEXT, "delivered": NUMBER, "read": NUMBER, "at": NUMBER}, {}, False),
    "devices": ({"conversation": TEXT, "delivered": NUMBER, "read": NUMBER, "shown": NUMBER, "items": LIST}, {}, False),
    "receipts": ({"conversation": TEXT, "message": NUMBER, "items": LIST}, {"cursor": TEXT, "counts": MAP}, False),
    "thread_read": ({"conversation": TEXT, "message": NUMBER, "seq": NUMBER}, {}, False),
    "blocked": ({"user": TEXT}, {"removed": FLAG}, False),
    "invited": ({"conversation": TEXT, "seq": NUMBER, "at": NUMBER, "users": LIST, "by": TEXT}, {}, False),
    "uninvited": ({"conversation": TEXT, "seq": NUMBER, "at": NUMBER, "user": TEXT, "by": TEXT}, {}, False),
    "invitation": ({"conversation": TEXT, "kind": TEXT, "role": TEXT, "by": TEXT, "at": NUMBER}, {"title": TEXT}, False),
    "invitation_over": ({"conversation": TEXT}, {}, False),
    "invitations": ({"items": LIST}, {"cursor": TEXT}, False),
    "blocks": ({"items": LIST}, {"cursor": TEXT}, False),
    "totals": ({"conversations": NUMBER, "unread": NUMBER, "mentions": NUMBER, "archived": MAP}, {}, False),
    "notification": ({"conversation": TEXT, "seq": NUMBER, "at": NUMBER, "unread": NUMBER, "mentions": NUMBER, "count": NUMBER},
                     {"title": TEXT, "quiet": FLAG, "joined": FLAG}, False),
    "notifications": ({"items": LIST, "unseen": NUMBER}, {"cursor": TEXT}, False),
    "dismissed": ({}, {"conversation": TEXT}, False),
    "preferences": ({}, {"notify": TEXT, "quiet_until": NUMBER, "quiet": LIST, "zone": TEXT, "receipts": FLAG,
                         "typing": FLAG, "last_seen": FLAG}, False),
    "hidden": ({"conversation": TEXT, "message": NUMBER}, {}, False),
    "settings": ({"conversation": TEXT}, {"archived": FLAG, "muted_until": NUMBER, "pinned": FLAG, "notify": TEXT, "quiet": LIST, "hidden": FLAG}, False),
    "members": ({"items": LIST}, {"cursor": TEXT}, False),
    "conversations": ({"items": LIST}, {"cursor": TEXT}, False),
    "page": ({"conversation": TEXT, "events": LIST, "first": NUMBER, "last": NUMBER, "more": FLAG}, {"thread": NUMBER}, False),
    "versions": ({"conversation": TEXT, "message": NUMBER, "items": LIST}, {"cursor": TEXT}, False),
    "reactions": ({"conversation": TEXT, "message": NUMBER, "items": LIST}, {"cursor": TEXT}, False),
    "pinned": ({"conversation": TEXT, "seq": NUMBER, "at": NUMBER, "message": NUMBER, "by": TEXT}, {"removed": FLAG}, False),
    "restrictions": ({"conversation": TEXT, "items": LIST}, {}, False),
    "pins": ({"conversation": TEXT, "items": LIST}, {}, False),
    "results": ({"hits": LIST, "order": TEXT}, {"cursor": TEXT}, False),
    "typing": ({"conversation": TEXT, "expires_ms": NUMBER}, {"user": TEXT, "active": FLAG, "count": NUMBER}, False),
    "presences": ({"conversation": TEXT, "members": NUMBER, "online": NUMBER}, {"items": LIST}, False),
    "profile": ({"user": TEXT, "at": NUMBER}, {"name": TEXT, "avatar": TEXT, "text": TEXT}, False),
    "profiles": ({"items": LIST}, {}, False),
    "presence": ({"user": TEXT, "status": TEXT}, {"text": TEXT, "last_seen": NUMBER}, False),
    "sessions": ({"items": LIST}, {}, False),
    "gap": ({"conversation": TEXT, "from": NUMBER, "to": NUMBER}, {}, False),
    "checkpoint": ({"cursor": TEXT}, {}, False),
    "synced": ({"cursor": TEXT}, {}, False),
    "reset": ({"reason": TEXT, "cursor": TEXT}, {}, False),
    "bye": ({"reason": TEXT}, {"retry_after_ms": NUMBER}, False),
    "file": ({"file": TEXT, "media_type": TEXT, "size": NUMBER, "sha256": TEXT, "url": TEXT, "expires_at": NUMBER}, {"name": TEXT}, False),
    "error": ({"code": TEXT, "message": TEXT}, {"retry_after_ms": NUMBER, "details": MAP}, False),
}

# What stays of a message or an edit that was deleted for everyone.
TOMBSTONES = {
    "message": ({"conversation": TEXT, "seq": NUMBER, "at": NUMBER, "from": TEXT, "deleted": FLAG}, {}, False),
    "edited": ({"conversation": TEXT, "seq": NUMBER, "at": NUMBER, "message": NUMBER, "by": TEXT, "deleted": FLAG}, {},
               False),
}

# What is called like an event and is an answer.
ANSWERS = {
    "invited": ({"items": LIST}, {"cursor": TEXT}, False),
}

ROLES = {"owner", "admin", "member", "reader"}


def is_a(value, kind):
    if kind is NUMBER:
        return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53
    return isinstance(value, kind)


def shaped(envelope, type=None):
    """The envelope, after checking it against the shape of its type (which must be `type`, when given)."""
    require(type is None or envelope.get("type") == type, f"expected {type}", envelope)
    require(envelope.get("type") in SHAPES, "a type of the protocol", envelope)
    shapes = TOMBSTONES if envelope.get("deleted") else SHAPES
    if "ref" in envelope and envelope["type"] in ANSWERS:
        shapes = ANSWERS
    require(envelope["type"] in shapes, "only what can be deleted is", envelope)
    if envelope["type"] == "typing":
        require(("count" in envelope) != ({"user", "active"} <= envelope.keys()), "a name or a count", envelope)
    wanted, allowed, others = shapes[envelope["type"]]
    for key, kind in wanted.items():
        require(key in envelope, f"{envelope['type']} must have `{key}`", envelope)
    for key, value in envelope.items():
        kind = wanted.get(key) or allowed.get(key)
        if kind:
            require(is_a(value, kind), f"`{key}` of {envelope['type']} must be {kind.__name__}", envelope)
        else:
            require(others or key in ("type", "ref"), f"{envelope['type']} has no `{key}`", envelope)
    return envelope


def all_shaped(envelopes):
    """How many envelopes there were, all of them as they should be."""
    for each in envelopes:
        shaped(each)
        for event in each["events"] if each["type"] == "page" else []:
            shaped(event)
        for item in each["items"] if each["type"] == "conversations" else []:
            for key in ("seq", "read", "unread", "mentions"):
                require(is_a(item.get(key), NUMBER), f"a listed conversation has `{key}`", item)
    return len(envelopes)


def member_roles(members):
    """[{user, role}] as a dictionary."""
    for each in members:
        require({"user", "role"} <= each.keys() and each["role"] in ROLES, "a member has user and role", each)
    return {each["user"]: each["role"] for each in members}


def numbers(events):
    return [event["seq"] for event in events]
