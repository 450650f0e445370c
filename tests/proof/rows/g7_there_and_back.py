# G7: what an application puts into `meta` in either encoding comes out of both as it went in, in the shortest form.
import msgpack

from client import Client
from documents import DEPTH, mapping
from ground import tried
from support import serving

AT_ONCE = 40
META_BYTES = 4096


def ordered(item):
    """A document in which maps have an order, and `true` is not 1."""
    if isinstance(item, dict):
        return [(name, ordered(each)) for name, each in item.items()]
    if isinstance(item, list):
        return [[], *map(ordered, item)]
    return str(item) if isinstance(item, bool) else item


def same(encoding, sent, got):
    """Whether it came back as it was, with its keys in their order; in JSON 1 and 1.0, and both zeros, are the same."""
    if encoding == "msgpack":
        return got is not None and msgpack.packb(got) == msgpack.packb(sent)
    return got is not None and ordered(got) == ordered(sent)


def difference(sent, got, where="meta"):
    """Where two documents differ first, and how."""
    if type(sent) is type(got) and isinstance(sent, dict) and list(sent) == list(got):
        return next(filter(None, (difference(sent[name], got[name], f"{where}[{name!r}]"[:80]) for name in sent)), None)
    if type(sent) is type(got) and isinstance(sent, list) and len(sent) == len(got):
        return next(filter(None, (difference(*pair, f"{where}[{i}]"[:80]) for i, pair in enumerate(zip(sent, got)))), None)
    return None if repr(sent) == repr(got) else f"{where}: {sent!r:.80} became {got!r:.80}"


SIMPLE = [{}, {"n": 1}, {"n": 1.5}, {"n": 1.0}, {"n": 0.0}, {"n": -0.0}, {"n": 1e300}, {"n": -2.0}, {"n": 1 << 63}, {"n": -(1 << 63)}, {"b": True}, {"t": "e\u0301"}, {"": None}, {"b": 1, "a": 2}]


def documents(dice, count):
    yield from SIMPLE
    made = len(SIMPLE)
    while made < count:
        item = mapping(dice, DEPTH)
        if len(msgpack.packb(item)) <= META_BYTES:
            yield item
            made += 1


async def exchange(writer, readers, room, tag, items, findings):
    """Each document as a message's `meta`, to a reader of each encoding, as an event and as history."""
    commands = [{"type": "send", "conversation": room, "client_id": f"{tag}{i}", "body": "m", "meta": item} for i, item in enumerate(items)]
    answers = await writer.answers(commands)
    for i, (item, answer) in enumerate(zip(items, answers)):
        name = f"{tag}{i}: {item!r}"[:400]
        if not findings.check(answer["type"] == "sent", f"{writer.encoding} {name}", answer):
            continue
        for reader in readers:
            event = await reader.expect("message", conversation=room, client_id=f"{tag}{i}")
            findings.check(same(reader.encoding, item, event.get("meta")), f"{writer.encoding} to {reader.encoding}, {tag}{i}", difference(item, event.get("meta")))
    for reader in readers:
        pulled = {event["client_id"]: event.get("meta") for event in await reader.pull(room, answers[0]["seq"] - 1) if event["type"] == "message"}
        wrong = [i for i, item in enumerate(items) if not same(reader.encoding, item, pulled.get(f"{tag}{i}"))]
        findings.check(not wrong, f"{writer.encoding} to {reader.encoding}, from the store, {tag}", wrong[:5])
        reader.seen.clear()


def run(size, server):
    async def main(findings):
        count = size.of(200, 20_000)
        async with serving(release=True) as running:
            tokens = await running.tokens(["alice", "anna", "bob", "carol"])
            writers = [await Client.open(running, tokens["alice"]), await Client.open(running, tokens["anna"], "json")]
            readers = [await Client.open(running, tokens["bob"]), await Client.open(running, tokens["carol"], "json")]
            room = (await writers[0].ask("create", kind="group", members=["anna", "bob", "carol"]))["conversation"]
            for writer in writers:
                items = [*documents(size.dice(writer.encoding), count)]
                for begin in range(0, count, AT_ONCE):
                    await exchange(writer, readers, room, f"{writer.encoding}-{begin}-", items[begin:begin + AT_ONCE], findings)
                    for client in (*writers, *readers):
                        client.inbox.clear()
                        client.seen.clear()
            for client in (*writers, *readers):
                await client.close()
        findings.note(f"seed {size.seed}")

    return tried("documents, there and back", main, bounded=True)
