# Roles, titles and data of the application over real sockets, through a kill of the server.
from client import Client
from shapes import all_shaped, member_roles
from support import data_directory, done, require, run, Server

META = {"colour": "blue", "size": [1, 2.5, -3], "deep": {"a": {"b": None}}, "on": True}


async def a_channel(alice, bob):
    """Alice owns a channel; Bob reads, then is let to post."""
    made = await alice.ask("create", kind="channel", title="News", members=["bob", "carol"])
    channel = made["conversation"]
    require(member_roles(made["members"]) == {"alice": "owner", "bob": "reader", "carol": "reader"},
            "in a channel others are readers", made)
    require(await bob.refusal("send", conversation=channel, client_id="b1", body="hello?") == "forbidden", "readers read")
    answer = await alice.ask("role", conversation=channel, user="bob", role="admin", client_id="promote")
    event = await bob.expect("changed", conversation=channel, seq=answer["seq"])
    require(event["user"] == "bob" and event["role"] == "admin" and event["by"] == "alice", "the change", event)
    sent = await bob.ask("send", conversation=channel, client_id="b2", body="news", reply_to=answer["seq"],
                         mentions=["carol", "@all"], meta=META)
    event = await alice.expect("message", conversation=channel, seq=sent["seq"])
    require(event["meta"] == META and event["mentions"] == ["carol", "@all"], "data as it was sent", event)
    return channel


async def the_other_encoding(alice, bob, channel):
    """The same content in the other encoding is the same command."""
    again = await alice.ask("update", conversation=channel, title="Newest", meta=META, client_id="u1")
    event = await bob.expect("changed", conversation=channel, seq=again["seq"])
    require(event["title"] == "Newest" and event["meta"] == META, "the update", event)
    return again


async def moderation(alice, bob):
    """Slow mode, freezing and rights, in both encodings."""
    room = (await alice.ask("create", kind="group", members=["bob"]))["conversation"]
    await alice.ask("update", conversation=room, slow_mode=60, permissions={"pin": "admin", "mention_all": "admin"})
    event = await bob.expect("changed", conversation=room)
    require((event["slow_mode"], event["permissions"]) == (60, {"pin": "admin", "mention_all": "admin"}), "the event", event)
    first = (await bob.send(room, "s1", "once"))["seq"]
    answer = (await bob.answers([{"type": "send", "conversation": room, "client_id": "s2", "body": "twice"}]))[0]
    require(answer["code"] == "slow_mode" and 0 < answer["retry_after_ms"] <= 60000, "slowly", answer)
    require(await bob.refusal("pin", conversation=room, message=first) == "forbidden", "pins are for admins")
    await alice.ask("update", conversation=room, slow_mode=0, frozen=True)
    require(await bob.refusal("send", conversation=room, client_id="s3", body="frozen?") == "frozen", "frozen")
    await alice.send(room, "a1", "owners may")
    await alice.ask("update", conversation=room, frozen=False, permissions={})
    require((await bob.send(room, "s3", "thawed"))["seq"] > 0, "and then not")
    require("permissions" not in await bob.ask("get", conversation=room), "nothing is settled any more")
    await alice.ask("silence", conversation=room, user="bob", until=2**53 - 1)
    answer = (await bob.answers([{"type": "send", "conversation": room, "client_id": "s4", "body": "hm"}]))[0]
    require(answer["code"] == "forbidden" and answer["retry_after_ms"] > 0, "silent", answer)
    await alice.ask("ban", conversation=room, user="bob")
    event = await bob.expect("left", conversation=room)
    require((event["user"], event["by"], event["banned_until"]) == ("bob", "alice", 2**53 - 1), "banned", event)
    require(await alice.refusal("add", conversation=room, users=["bob"]) == "forbidden", "and kept out")


async def typing(alice, bob, channel):
    """The others see who types, and that it ends: by a word, by a message; the author does not."""
    require((await alice.ask("typing", conversation=channel, active=True))["type"] == "ok", "typing is answered")
    event = await bob.expect("typing", conversation=channel, user="alice", active=True)
    require(0 < event["expires_ms"] <= 15000, "and says how long it may be believed", event)
    await alice.ask("typing", conversation=channel, active=False)
    await bob.expect("typing", conversation=channel, user="alice", active=False)
    await alice.tell("typing", conversation=channel, active=True)
    await bob.expect("typing", conversation=channel, user="alice", active=True)
    await alice.send(channel, "typed", "what was typed")
    await bob.expect("typing", conversation=channel, user="alice", active=False)
    require(not [e for e in alice.seen if e["type"] == "typing"], "the author is not told")


async def a_block(alice, bob):
    """Bob blocks alice: nothing direct passes, and nothing of him is shown to her; the group goes on."""
    pair = (await alice.ask("create", kind="direct", with_="bob"))["conversation"]
    group = (await alice.ask("create", kind="group", members=["bob"]))["conversation"]
    await alice.send(pair, "before", "before")
    await alice.ask("watch", users=["bob"])
    await alice.expect("presence", user="bob", status="online")
    before = await bob.ask("totals")
    require(before["unread"] >= 1, "what is unread in all conversations", before)
    require((await bob.ask("block", user="alice", client_id="b1"))["type"] == "ok", "blocked")
    await alice.expect("presence", user="bob", status="offline")
    require(await alice.refusal("send", conversation=pair, client_id="x", body="x") == "forbidden", "she cannot write")
    require(await bob.refusal("send", conversation=pair, client_id="y", body="y") == "forbidden", "nor can he")
    await alice.send(group, "group", "to the group")
    await bob.expect("message", conversation=group)
    require(await alice.refusal("create", kind="group", members=["carol", "bob"]) == "forbidden", "she puts him into no new group")
    other = (await alice.ask("create", kind="channel", members=["carol"]))["conversation"]
    answer = await alice.answer("add", conversation=other, users=["dora", "bob"])
    require(answer["code"] == "forbidden" and answer["message"].endswith(": bob"), "nor into one that is there", answer)
    mine = (await bob.ask("create", kind="group"))["conversation"]
    require(await bob.refusal("add", conversation=mine, users=["alice"]) == "forbidden", "nor does he do that to her")
    require([item["user"] for item in (await bob.ask("blocks"))["items"]] == ["alice"], "his list")
    require((await alice.ask("blocks"))["items"] == [], "is his alone")
    await alice.ask("block", user="somebody", client_id="b2")  # with whom there is no conversation
    return pair


async def an_invitation(alice, bob):
    """Bob is asked into one group and declines; into another one, and has not answered yet."""
    declined = (await alice.ask("create", kind="group", title="No"))["conversation"]
    await alice.ask("invite", conversation=declined, users=["bob"])
    offer = await bob.expect("invitation", conversation=declined)
    require((offer["title"], offer["kind"], offer["role"], offer["by"]) == ("No", "group", "member", "alice"), "the offer", offer)
    require(await bob.refusal("history", conversation=declined) == "not_found", "he is a stranger")
    await bob.ask("decline", conversation=declined)
    event = await alice.expect("uninvited", conversation=declined)
    require((event["user"], event["by"]) == ("bob", "bob"), "he declined", event)
    await bob.expect("invitation_over", conversation=declined)
    club = (await alice.ask("create", kind="group", title="Club"))["conversation"]
    answer = await alice.ask("invite", conversation=club, users=["bob", "carol"], role="reader", client_id="i1")
    event = await alice.expect("invited", conversation=club, seq=answer["seq"])
    require(member_roles(event["users"]) == {"bob": "reader", "carol": "reader"}, "whom", event)
    await bob.expect("invitation", conversation=club)
    listed = await alice.ask("invited", conversation=club)
    require([item["user"] for item in listed["items"]] == ["bob", "carol"], "who is invited", listed)
    return club


async def the_invitation_taken_up(alice, bob, club):
    """After the kill it is still there; Bob accepts, Carol's is taken back."""
    offers = (await bob.ask("invitations"))["items"]
    require([(o["conversation"], o["title"], o["role"], o["by"]) for o in offers] == [(club, "Club", "reader", "alice")],
            "his offers after a kill", offers)
    answer = await bob.ask("accept", conversation=club, client_id="yes")
    made = await bob.expect("conversation", conversation=club)
    require(member_roles(made["members"]) == {"alice": "owner", "bob": "reader"}, "the members", made)
    for client in (alice, bob):
        event = await client.expect("joined", conversation=club, seq=answer["seq"])
        require(event["by"] == "alice", "by who invited", event)
    require((await bob.ask("accept", conversation=club, client_id="yes"))["seq"] == answer["seq"], "a retry")
    require((await bob.ask("invitations"))["items"] == [], "there are no more")
    await alice.ask("uninvite", conversation=club, user="carol")
    event = await bob.expect("uninvited", conversation=club)
    require((event["user"], event["by"]) == ("carol", "alice"), "taken back", event)
    page = await bob.ask("history", conversation=club)
    require([e["type"] for e in page["events"]] == ["joined", "invited", "joined", "uninvited"], "in history", page)


async def main():
    with data_directory() as data:
        server = Server(data)
        await server.start()
        tokens = await server.tokens(["alice", "bob", "carol"])
        alice = await Client.open(server, tokens["alice"], "msgpack")
        bob = await Client.open(server, tokens["bob"], "json")
        channel = await a_channel(alice, bob)
        updated = await the_other_encoding(alice, bob, channel)
        await typing(alice, bob, channel)
        await moderation(alice, bob)
        club = await an_invitation(alice, bob)
        pair = await a_block(alice, bob)
        shaped = all_shaped(alice.seen) + all_shaped(bob.seen)
        cursor = bob.welcome["cursor"]
        for client in (alice, bob):
            await client.drop()
        await server.kill()
        await server.start()
        alice = await Client.open(server, tokens["alice"], "json")
        retry = await alice.ask("update", conversation=channel, title="Newest", meta=META, client_id="u1")
        require(retry["seq"] == updated["seq"], "a retry in another encoding after a kill", retry, updated)
        bob = await Client.open(server, tokens["bob"], "msgpack", since=cursor)
        require(await alice.refusal("send", conversation=pair, client_id="x", body="x") == "forbidden",
                "a block outlives a kill")
        await bob.ask("unblock", user="alice")
        await alice.send(pair, "after", "after")
        await bob.expect("message", conversation=pair, client_id="after")
        await the_invitation_taken_up(alice, bob, club)
        missed = await bob.expect("changed", conversation=channel, seq=updated["seq"])
        require(missed["meta"] == META, "resumed with the same data", missed)
        facts = await bob.ask("get", conversation=channel)
        require(facts["title"] == "Newest" and facts["meta"] == META, "the facts after a kill", facts)
        require(member_roles(facts["members"])["bob"] == "admin", "the role after a kill", facts)
        await alice.ask("leave", conversation=channel)
        left = await bob.expect("left", conversation=channel)
        require(left["owner"] == "bob", "the admin inherits", left)
        require((await bob.ask("role", conversation=channel, user="carol", role="owner"))["type"] == "ok", "and owns")
        shaped += all_shaped(alice.seen) + all_shaped(bob.seen)
        await server.stop()
        await server.check()
    done("envelopes about roles, titles and data, in both encodings, through a kill", shaped)


if __name__ == "__main__":
    run(main)
