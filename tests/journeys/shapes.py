# What each answer and event must look like, as docs/asyncapi.yaml has it.
from asyncapi_document import Protocol
from support import require

ROLES = {"owner", "admin", "member", "reader"}


def shaped(envelope, type=None):
    """The envelope, after checking that it is one of the protocol (and of this type, when given)."""
    require(type is None or envelope.get("type") == type, f"expected {type}", envelope)
    Protocol.read().judge(envelope)
    return envelope


def all_shaped(envelopes):
    """How many envelopes there were, all of them as they should be."""
    for each in envelopes:
        shaped(each)
    return len(envelopes)


def member_roles(members):
    """[{user, role}] as a dictionary."""
    for each in members:
        require({"user", "role"} <= each.keys() and each["role"] in ROLES, "a member has user and role", each)
    return {each["user"]: each["role"] for each in members}


def numbers(events):
    return [event["seq"] for event in events]
