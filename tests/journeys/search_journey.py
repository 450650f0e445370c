# Search over real sockets: current at the acknowledgement, for whom it may be, through kills and a lost index.
import asyncio
import shutil
import subprocess

from client import Client, Refused
from shapes import shaped
from support import data_directory, done, note, require, run, Server

LANGUAGES = {  # what is said, and what finds it
    "Crème brûlée für alle": ["creme", "BRULEE", "fur"],
    "我们明天去北京开会": ["北京", "开会", "明天去"],
    "東京タワーへ行きました": ["東京", "タワー", "行きました"],
    "오늘 회의가 있습니다": ["회의", "오늘"],
    "พรุ่งนี้เราจะประชุมกัน": ["ประชุม", "พรุ่งนี้"],
    "Встреча в Ёлкино": ["ВСТРЕЧА", "елкино"],
    "Η συνάντηση στην Αθήνα": ["ΣΥΝΑΝΤΗΣΗ", "αθηνα"],
    "الاجتماع غداً": ["غدا"],
    "launch 🚀 today": ["🚀", "launch*", "lau*"],
}


async def found(client, query, **fields):
    """The hits of one search, as (conversation, seq)."""
    answer = shaped(await client.ask("search", query=query, **fields), "results")
    return [(hit["conversation"], hit["seq"]) for hit in answer["hits"]]


async def at_once(alice, bob, room):
    """What was acknowledged is found by the next search, by someone else, in the other encoding."""
    count = 300
    for i in range(count):
        word = f"needle{i}"
        seq = (await alice.send(room, f"n{i}", f"a {word} in the hay"))["seq"]
        require(await found(bob, word) == [(room, seq)], "found at once", word)
    done("messages found by the next search after their acknowledgement", count)


async def gone_at_once(alice, bob, room):
    """What was edited or deleted is not found by what it said."""
    count = 100
    for i in range(count):
        seq = (await alice.send(room, f"g{i}", f"formerly{i} said"))["seq"]
        if i % 2:
            await alice.ask("edit", conversation=room, message=seq, body=f"latterly{i} said")
            require(await found(bob, f"latterly{i}") == [(room, seq)], "the newest body is found")
        else:
            await alice.ask("delete", conversation=room, message=seq, **{"for": "everyone"})
        require(await found(bob, f"formerly{i}") == [], "what it said is not")
    done("edits and deletions that the next search knew of", count)


async def languages(alice, bob, room):
    looked = 0
    for i, (text, queries) in enumerate(LANGUAGES.items()):
        seq = (await alice.send(room, f"l{i}", text))["seq"]
        for query in queries:
            answer = await bob.ask("search", query=query)
            hits = [hit for hit in answer["hits"] if hit["seq"] == seq]
            require(len(hits) == 1, "found in any language", text, query)
            snippet = hits[0]["snippet"]
            require(hits[0]["marks"] and all(0 <= start and start + length <= len(snippet)
                                             for start, length in hits[0]["marks"]), "marks within the snippet", hits)
            looked += 1
    done("queries in many scripts", looked)


async def the_language_of_queries(alice, bob, room):
    """Each kind of query finds what it should, beside something it should not."""
    seq = {}
    for name, body in {"first": "the budget meeting is on monday", "second": "budget for the party",
                       "link": "slides: https://example.com/budget", "third": "meeting budget"}.items():
        seq[name] = (await alice.send(room, f"q-{name}", body))["seq"]
    await bob.ask("react", conversation=room, message=seq["second"], emoji="👍")
    since = (await alice.ask("history", conversation=room, after=seq["first"] - 1, limit=1))["events"][0]["at"]
    for query, names in {
        "budget meeting": ["third", "first"], '"budget meeting"': ["first"], "budget -meeting": ["link", "second"],
        "budg* from:alice": ["third", "link", "second", "first"], "“budget\u3000meeting” Has:Link": [],
        "BUDGET\u3000party": ["second"], "“budget meeting": ["first"],
        "budget from:bob": [], "has:link budget": ["link"],
        "has:reaction": ["second"], f"in:{room} party": ["second"], "budget after:2100-01-01": [],
        "budget is:unread": ["third", "link", "second", "first"],
    }.items():
        require(await found(bob, query) == [(room, seq[name]) for name in names], "the query's meaning", query)
    require(await found(alice, "budget is:unread") == [], "one's own messages are not unread")
    require(len(await found(bob, "budget", since=since)) == 4, "since a moment, that moment included")
    require(await found(bob, "budget", until=since - 1) == [], "until a moment")
    pages, cursor = [], {}
    while True:
        page = await bob.ask("search", query="budget", limit=1, order="relevance", **cursor)
        pages += [hit["seq"] for hit in page["hits"]]
        if "cursor" not in page:
            break
        cursor = {"cursor": page["cursor"]}
    require(sorted(pages) == sorted(seq.values()), "page by page, by relevance", pages)
    for query, code in {"": "bad_request", "has:everything": "bad_request", "before:soon": "bad_request",
                        "before:2026-11-29T10:15+02:00": "bad_request", '"' * 1000: "bad_request",
                        "\u0000-\u200f": "bad_request",
                        "aa* " * 250: "too_large", "x" * 10_000: "too_large",
                        "x" * 1025: "too_large", " ".join(f"w{i}" for i in range(33)): "too_large"}.items():
        require(await bob.refusal("search", query=query) == code, "a query that cannot be", query[:20])
    require(await bob.refusal("search", query="budget", cursor="made up") == "bad_request", "a cursor that is none")
    require(await bob.refusal("search") == "bad_request", "no query at all")
    done("kinds of queries", 28)


async def strangers(server, tokens, alice, room):
    """Nobody finds what they may not read."""
    mallory = await Client.open(server, tokens["mallory"])
    require(await found(mallory, "budget") == [], "nothing for a stranger")
    require(await mallory.refusal("search", query="budget", conversation=room) == "not_found", "nor is it there")
    require(await mallory.refusal("search", query=f"budget in:{room}") == "not_found", "however it is asked")
    await alice.ask("add", conversation=room, users=["mallory"])
    require(len(await found(mallory, "budget")) == 4, "a member finds")
    await alice.ask("remove", conversation=room, user="mallory")
    require(await found(mallory, "budget") == [], "and no more once removed")
    await mallory.close()


async def hidden(alice, bob, room):
    seq = (await alice.send(room, "h", "a hideous joke"))["seq"]
    await bob.ask("delete", conversation=room, message=seq, **{"for": "me"})
    require(await found(bob, "hideous") == [], "what I hid I do not find")
    require(await found(alice, "hideous") == [(room, seq)], "others do")


def damage(directory):
    """The file is nonsense, and nothing beside it says better."""
    for file in directory.iterdir():
        file.unlink()
    (directory / "index.db").write_bytes(b"nonsense" * 1000)


async def through_kills(server, data, tokens, room):
    """Nothing that was acknowledged is missing after a kill, nor without an index, nor with a damaged one."""
    ways = {"a kill": lambda: None, "a lost index": lambda: shutil.rmtree(data / "search"),
            "a damaged index": lambda: damage(data / "search")}
    for number, (way, harm) in enumerate(ways.items()):
        alice = await Client.open(server, tokens["alice"])
        sends = [alice.send(room, f"k{number}-{i}", f"surviving{number} word{i}") for i in range(100)]
        acknowledged = [answer["seq"] for answer in await asyncio.gather(*sends)]
        await alice.drop()
        await server.kill()
        harm()
        await server.start()
        bob = await Client.open(server, tokens["bob"])
        hits = await found(bob, f"surviving{number}", limit=100)
        require(sorted(seq for _, seq in hits) == sorted(acknowledged), "all of them after " + way, len(hits))
        await bob.close()
    done("restarts after which everything was found", len(ways))


async def by_hand(server, data, tokens):
    """`parleyd reindex` refuses a store in use, and makes the index of one that is not."""
    command = [server.binary, "reindex", "--data", str(data)]
    refused = subprocess.run(command, capture_output=True, text=True, timeout=60)
    require(refused.returncode == 1 and "no search index was made" in refused.stderr, "a store in use is left alone",
            refused.stderr)
    require(list((data / "search").glob("unsynced-*")), "it is noted that the index is written")
    await server.stop()
    require(not list((data / "search").glob("unsynced-*")), "and that all of it is on disk")
    made = subprocess.run(command, capture_output=True, text=True, timeout=120)
    require(made.returncode == 0 and made.stdout.startswith("indexed "), "made anew", made.stdout, made.stderr)
    await server.start()
    bob = await Client.open(server, tokens["bob"])
    require(len(await found(bob, "surviving1", limit=100)) == 100, "and it finds")
    await bob.close()


async def switched_off(server, tokens):
    await server.stop()
    await server.start("--search", "off")
    bob = await Client.open(server, tokens["bob"])
    try:
        await bob.ask("search", query="budget")
        require(False, "there is no search")
    except Refused as refused:
        require(refused.code == "unavailable", "without search it is said", refused)
    await bob.close()
    await server.stop()


async def main():
    with data_directory() as data:
        server = Server(data)
        await server.start()
        tokens = await server.tokens(["alice", "bob", "mallory"])
        alice = await Client.open(server, tokens["alice"], "msgpack")
        bob = await Client.open(server, tokens["bob"], "json")
        room = (await alice.ask("create", kind="group", members=["bob"]))["conversation"]
        await at_once(alice, bob, room)
        await gone_at_once(alice, bob, room)
        await languages(alice, bob, room)
        await the_language_of_queries(alice, bob, room)
        await strangers(server, tokens, alice, room)
        await hidden(alice, bob, room)
        await alice.close()
        await bob.close()
        await through_kills(server, server.data, tokens, room)
        await by_hand(server, server.data, tokens)
        await switched_off(server, tokens)
        await server.check()
        note(f"the index takes {sum(f.stat().st_size for f in (server.data / 'search').iterdir()) // 1024} KiB")


if __name__ == "__main__":
    run(main)
