# Profiles, switches and blocks within groups over real sockets: who is shown what, through a restart.
import asyncio

from client import Client
from shapes import all_shaped, shaped
from support import data_directory, done, require, run, Server, within

PICTURE = "https://pictures.example/alice.png"


async def profiles(server, alice, phone, bob, eve):
    """Alice shows herself; Bob, who watches, is told, Eve is not."""
    group = (await alice.ask("create", kind="group", title="Crew", members=["bob", "carol"]))["conversation"]
    none = shaped(await bob.ask("profile", user="alice"), "profile")
    require(none["at"] == 0 and "name" not in none, "there is none yet", none)
    for client in (bob, eve):
        await client.ask("watch", users=["alice"])
    await bob.expect("presence", user="alice", status="online")
    require((await alice.ask("set_profile", name="Alice", avatar=PICTURE, client_id="p1"))["type"] == "ok", "set")
    require((await alice.ask("set_profile", text="nai\u0308ve"))["type"] == "ok", "and added to")
    for client in (bob, phone):
        event = await client.expect("profile", user="alice", text="na\u00efve")
        require((event["name"], event["avatar"]) == ("Alice", PICTURE), "all of it is told", event)
    require((await alice.ask("set_profile", avatar=None))["type"] == "ok", "null takes away")
    event = await bob.expect("profile", user="alice", text="na\u00efve", name="Alice")
    while "avatar" in event:
        event = await bob.expect("profile", user="alice", text="na\u00efve", name="Alice")
    require((await alice.ask("set_profile", name="Alice", avatar=PICTURE, client_id="p1"))["type"] == "ok", "a retry")
    require("avatar" not in await alice.ask("profile"), "has no second effect")
    require(await alice.refusal("set_profile", name="Other", client_id="p1") == "conflict", "with other content")
    require(await alice.refusal("set_profile", avatar="javascript:alert(1)") == "bad_request", "no such address")
    require(await alice.refusal("set_profile", name="x" * 129) == "too_large", "a long name")
    items = (await bob.ask("profile", users=["nobody", "alice", "eve", "carol"]))["items"]
    require([item["user"] for item in items] == ["alice", "carol"], "those whom he may see", items)
    require(await eve.refusal("profile", user="alice") == "not_found", "a stranger")
    require(not [e for e in eve.seen if e["type"] == "profile"], "is told nothing", eve.seen)
    done("a profile set, changed, told and asked for", 8)
    return group


async def switches(alice, phone, bob, group):
    """Alice lets nobody know that she types, nor when she was seen last."""
    settings = await alice.ask("my_preferences")
    require((settings["typing"], settings["last_seen"]) == (True, True), "by default", settings)
    await alice.ask("typing", conversation=group, active=True)
    await bob.expect("typing", conversation=group, user="alice", active=True)
    require((await alice.ask("preferences", typing=False, last_seen=False))["type"] == "ok", "switched off")
    await phone.expect("preferences", typing=False, last_seen=False)
    await bob.expect("typing", conversation=group, user="alice", active=False)
    for client in (alice, phone):
        await client.ask("typing", conversation=group, active=True)
        await client.send(group, f"typed by {id(client)}", "typed")
    await bob.expect("message", conversation=group)
    await bob.expect("message", conversation=group)
    require(not bob.untaken("typing"), "nobody is told that she types", bob.untaken("typing"))
    done("switches", 2)


async def blocks(alice, bob, carol, group):
    """Carol blocks Bob: within the group he sees neither her typing nor that she is there, nor her profile."""
    await carol.ask("set_profile", name="Carol")
    await bob.ask("watch", users=["carol"])
    await bob.expect("presence", user="carol", status="online")
    shown = shaped(await bob.ask("presences", conversation=group), "presences")
    require((shown["members"], shown["online"]) == (3, 3), "all are there", shown)
    require((await carol.ask("block", user="bob"))["type"] == "ok", "blocked")
    await bob.expect("presence", user="carol", status="offline")
    await carol.ask("typing", conversation=group, active=True)
    await alice.expect("typing", conversation=group, user="carol", active=True)
    await bob.ask("typing", conversation=group, active=True)
    await alice.expect("typing", conversation=group, user="bob", active=True)
    await carol.ask("set_profile", name="Caroline")
    require(await bob.refusal("profile", user="carol") == "not_found", "her profile")
    shown = await bob.ask("presences", conversation=group)
    require([item["user"] for item in shown["items"]] == ["alice", "bob"], "she is not there for him", shown)
    shown = await carol.ask("presences", conversation=group)
    require([item["user"] for item in shown["items"]] == ["alice", "bob", "carol"], "he is for her", shown)
    require((await carol.ask("profile", user="bob"))["at"] == 0, "and so is his profile")
    await carol.send(group, "c1", "a group is shared")
    await bob.expect("message", conversation=group, body="a group is shared")
    for client, other in ((bob, "carol"), (carol, "bob")):
        require(not client.untaken("typing", user=other), "neither sees the other type", client.untaken("typing"))
    require(not [e for e in bob.seen if e["type"] == "profile" and e.get("name") == "Caroline"], "he was not told")
    done("blocks within a group", 7)


async def after_the_restart(server, tokens, group):
    """All of it holds, and a name in a token fills a profile that there never was."""
    alice, bob, carol = [await Client.open(server, tokens[user]) for user in ("alice", "bob", "carol")]
    shown = await bob.ask("profile", user="alice")
    require((shown["name"], shown["text"], "avatar" in shown) == ("Alice", "na\u00efve", False), "her profile", shown)
    settings = await alice.ask("my_preferences")
    require((settings["typing"], settings["last_seen"]) == (False, False), "her switches", settings)
    require(await bob.refusal("profile", user="carol") == "not_found", "the block")
    for client in (alice, carol):
        await client.ask("typing", conversation=group, active=True)
    await alice.expect("typing", conversation=group, user="carol")
    await bob.ask("watch", users=["alice", "carol"])
    await bob.expect("presence", user="alice", status="online")
    await bob.expect("presence", user="carol", status="offline")
    await alice.ask("presence", status="invisible")
    event = await bob.expect("presence", user="alice", status="offline")
    require("last_seen" not in event, "and no more", event)
    require(not bob.untaken("typing"), "he is told of nobody's typing", bob.untaken("typing"))
    named = (await server.tool("token", "--data", str(server.data), "--user", "dora", "--name", "Dora D.")).strip()
    dora = await Client.open(server, named)
    async def named_so():  # it comes a moment after the first `hello`
        while "name" not in (told := await dora.ask("profile")):
            await asyncio.sleep(0.02)
        return told
    shown = await within(10, named_so(), "the token's name becomes the profile's")
    await dora.close()
    dora = await Client.open(server, named)
    again = await dora.ask("profile")
    require((again["name"], again["at"]) == ("Dora D.", shown["at"]), "as her token has it, once", again, shown)
    await dora.close()
    dora = await Client.open(server, named)
    await dora.ask("set_profile", name="")
    await dora.close()
    dora = await Client.open(server, named)
    require("name" not in await dora.ask("profile"), "what was taken away stays away")
    done("all of it after a kill of the server", 8)
    return all_shaped(alice.seen) + all_shaped(bob.seen) + all_shaped(carol.seen) + all_shaped(dora.seen)


async def main():
    with data_directory() as data:
        server = Server(data)
        await server.start("--io-threads", "2")
        tokens = await server.tokens(["alice", "bob", "carol", "eve"])
        alice = await Client.open(server, tokens["alice"], "msgpack", device="desk")
        phone = await Client.open(server, tokens["alice"], "json", device="phone")
        bob = await Client.open(server, tokens["bob"], "json")
        carol = await Client.open(server, tokens["carol"], "msgpack")
        eve = await Client.open(server, tokens["eve"])
        group = await profiles(server, alice, phone, bob, eve)
        await switches(alice, phone, bob, group)
        await blocks(alice, bob, carol, group)
        shaped_envelopes = sum(all_shaped(client.seen) for client in (alice, phone, bob, carol, eve))
        await server.kill()
        await server.start("--io-threads", "2")
        shaped_envelopes += await after_the_restart(server, tokens, group)
        await server.stop()
        await server.check()
        done("envelopes have the shapes of the protocol, and the data is sound", shaped_envelopes)


if __name__ == "__main__":
    run(main)
