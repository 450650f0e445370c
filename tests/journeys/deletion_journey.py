# A conversation is deleted by its owner: everyone is told, nothing of it is left, a kill in the middle changes nothing.
from client import Client
from shapes import all_shaped
from support import data_directory, done, require, run, Server

MESSAGES = 3000
SECRET = "the-secret-word"


async def fill(owner, conversation):
    """Enough messages that erasing them takes several transactions."""
    for start in range(0, MESSAGES, 500):
        answers = await owner.answers([{"type": "send", "conversation": conversation, "client_id": f"m{i}", "body": f"{SECRET} {i}"}
                                       for i in range(start, start + 500)])
        require(all(each["type"] == "sent" for each in answers), "sent", answers[0])


async def nothing_is_left(client, conversation):
    for command in ({"type": "get"}, {"type": "history"}, {"type": "sync", "after": 0}, {"type": "members"},
                    {"type": "receipts", "message": 5}, {"type": "read", "seq": 1},
                    {"type": "send", "client_id": "m1", "body": f"{SECRET} 1"}):
        answer = await client.answer(conversation=conversation, **command)
        require(answer.get("code") == "not_found", "nothing is left", command, answer)
    require(not (await client.ask("list"))["items"], "it is not listed")


async def main():
    with data_directory() as data:
        server = Server(data)
        await server.start()
        tokens = await server.tokens(["olga", "mia", "zoe"])
        olga = await Client.open(server, tokens["olga"], "msgpack")
        mia = await Client.open(server, tokens["mia"], "json")
        zoe = await Client.open(server, tokens["zoe"], "json")
        made = (await olga.ask("create", kind="group", members=["mia", "zoe"]))["conversation"]
        cursor = zoe.cursor
        await zoe.drop()
        await fill(olga, made)
        require(await mia.refusal("delete", conversation=made) == "forbidden", "members delete nothing")
        gone = await olga.ask("delete", conversation=made, client_id="gone")
        await mia.expect("deleted", conversation=made, seq=gone["seq"], by="olga")
        last = [e for e in mia.seen if e.get("conversation") == made][-1]
        require(last["type"] == "deleted", "it is the last event", last)
        await nothing_is_left(mia, made)
        await server.kill()  # while its rows are going, perhaps
        await server.start()
        olga = await Client.open(server, tokens["olga"], "json")
        require((await olga.ask("delete", conversation=made, client_id="gone"))["seq"] == gone["seq"], "the retry")
        await nothing_is_left(olga, made)
        zoe = await Client.open(server, tokens["zoe"], "msgpack", since=cursor)
        await zoe.expect("deleted", conversation=made)
        await zoe.expect("synced")
        require(not [e for e in zoe.seen if e["type"] == "message"], "who was away is sent nothing of it")
        shaped = sum(all_shaped(each.seen) for each in (olga, mia, zoe))
        await server.stop()
        await server.check()
    done("envelopes about a conversation that was deleted", shaped)


if __name__ == "__main__":
    run(main)
