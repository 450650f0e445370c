# H5: words that only users may see are said to the server wherever one can say something; then they are looked for where they must not be.
import base64
import json
import pathlib

from client import Client, Gone, Refused
from files_on_disk import files_with, secret_words
from ground import tried
from raw_socket import RawSocket, frame, request
from rest import Rest, segment
from support import Server, data_directory

LEVELS = [("--log-level", "debug"), ("--log-level", "debug", "--log-format", "json")]


class Words:
    """A new secret word for each place that one is said in."""

    def __init__(self, dice):
        self.fresh = iter(secret_words(dice, 400))
        self.places = {}

    def at(self, place):
        word = next(self.fresh)
        self.places[word] = place
        return word


async def talk(server, words, tokens):
    """A conversation with a word in everything that can hold one; returns its id."""
    users = list(tokens)
    alice, bob = await Client.open(server, tokens[users[0]], "json", device=words.at("device")), await Client.open(server, tokens[users[1]])
    made = await alice.ask("create", kind="group", title=words.at("title"), members=[users[1]], client_id=words.at("client_id"))
    room = made["conversation"]
    sent = await alice.ask("send", conversation=room, client_id=words.at("client_id"), body=words.at("body"), meta={words.at("key of meta"): words.at("meta")}, mentions=[users[1]])
    await bob.expect("message", conversation=room)
    await alice.ask("edit", conversation=room, message=sent["seq"], body=words.at("edited body"))
    await bob.ask("react", conversation=room, message=sent["seq"], emoji=words.at("emoji"))
    await alice.ask("update", conversation=room, title=words.at("new title"), meta={"a": words.at("meta of a conversation")})
    await alice.ask("set_profile", name=words.at("name"), text=words.at("text of a profile"))
    await alice.ask("presence", status="away", text=words.at("text of a status"))
    await bob.ask("search", query=words.at("query"))
    await bob.ask("typing", conversation=room, active=True)
    await alice.close()
    await bob.drop()
    return room


async def mistakes(server, words, token, findings):
    """Errors of every kind: they repeat nothing that was said."""
    client = await Client.open(server, token)
    for type, fields in (("nonsense " + words.at("type"), {}), ("send", {"conversation": words.at("id"), "client_id": "x", "body": words.at("body of an error")}), ("get", {"conversation": words.at("id") * 20}),
                         ("create", {"kind": words.at("kind")}), ("add", {"conversation": words.at("id"), "users": [words.at("user")], "role": words.at("role")}), ("refresh", {"token": words.at("token")}),
                         ("search", {"query": words.at("query") * 200}), ("history", {"conversation": words.at("id"), "before": words.at("number")}), ("set_profile", {"name": words.at("name") * 100})):
        answer = await client.answer(type, **fields)
        silent(findings, words, json.dumps({**answer, "ref": None}), f"an error's text for {type.split()[0]}")
    await client.close()
    for encoding, data in (("json", b'{"type":"send","body":"' + words.at("broken body").encode()), ("msgpack", b"\x81\xa4" + words.at("broken").encode())):
        raw = await RawSocket.upgraded(server, encoding, token)
        await raw.send(frame(1 if encoding == "json" else 2, data))
        await raw.closed()
        silent(findings, words, json.dumps(raw.heard), "a bye")


async def tokens_that_are_bad(server, words, findings):
    part = base64.urlsafe_b64encode(json.dumps({"sub": words.at("claim"), "exp": 1}).encode()).decode().rstrip("=")
    for token in (words.at("token"), f"{words.at('token')}.{part}.{words.at('token')}", f"e30.{part}.e30"):
        client = await Client.connect(server)
        try:
            await client.hello(token)
        except (Refused, Gone) as refused:
            silent(findings, words, str(refused), "a refused hello")
        await client.gone()
        _, headers, data = await Rest(server, token).ask("GET", "/v1/totals")
        silent(findings, words, f"{data} {headers}", "a refused token")


async def requests(server, words, token, room, findings):
    """Words in paths, queries, headers and bodies of REST."""
    rest = Rest(server, token)
    for method, path, body in (("GET", f"/v1/{words.at('path')}", None), ("GET", f"/v1/conversations/{words.at('path')}", None), ("GET", f"/v1/totals?{words.at('query')}=1", None),
                               ("GET", f"/v1/conversations/{segment(room)}/messages?before={words.at('number')}", None), ("POST", f"/v1/conversations/{segment(room)}/messages", {"client_id": words.at("client_id"), "body": 5}),
                               ("POST", "/v1/conversations", {"kind": words.at("kind")}), ("POST", "/v1/conversations", words.at("no JSON")), (words.at("method").upper(), "/v1/totals", None),
                               ("GET", f"/v1/ws?token={words.at('token in a URL')}", None), ("GET", f"/v1/files/{words.at('file')}?signature={words.at('signature')}", None)):
        _, headers, data = await rest.ask(method, path, body, X_Canary=words.at("header"), User_Agent=words.at("agent"), Cookie=words.at("cookie"))
        silent(findings, words, f"{data} {headers}", f"the answer to {method} {path[:12]}")
    uploaded = await rest.good("POST", f"/v1/files?name={words.at('name of a file')}", words.at("bytes of a file"), 201, Content_Type="text/plain")
    await rest.ask("GET", f"/v1/files/{segment(uploaded['file'])}")
    raw = await RawSocket.open(server)
    await raw.send(request(f"/v1/ws?access_token={words.at('token in a URL')}", Origin=f"https://{words.at('origin')}.example", Sec_WebSocket_Protocol=words.at("subprotocol")))
    _, headers, data = await raw.answer()
    silent(findings, words, f"{data} {headers}", "a refused upgrade")
    raw.end()


def silent(findings, words, text, where):
    """None of the words is in a text, whatever it is written in."""
    lower = text.lower()
    found = {words.places[word] for word in words.places if word in lower or base64.b64encode(word.encode()).decode().rstrip("=")[:-1].lower() in lower}
    findings.check(not found, f"{where} repeats what was said as", found)


async def looked_for(server, words, admin, findings):
    """What operators see of a server that lives."""
    for path in ("/metrics", "/v1/admin/statistics", "/livez", "/readyz", "/openapi.json"):
        _, headers, data = await Rest(server, admin).ask("GET", path)
        silent(findings, words, f"{data.decode()} {headers}", path)
    proc = pathlib.Path(f"/proc/{server.pid}")
    silent(findings, words, proc.joinpath("cmdline").read_text() + proc.joinpath("environ").read_text(), "the process's arguments")


async def life(options, size, number, findings):
    words = Words(size.dice(number))
    with data_directory() as data:
        server = await Server(data, release=True).start(*options)
        users = [words.at("user"), words.at("user")]
        tokens = await server.tokens(users)
        admin = await server.token("root", admin=True)
        for i, token in enumerate([*tokens.values(), admin]):
            words.places[token.lower()] = f"token {i}"
            words.places[token.rpartition(".")[2].lower()] = f"signature {i}"
        room = await talk(server, words, tokens)
        await mistakes(server, words, tokens[users[0]], findings)
        await tokens_that_are_bad(server, words, findings)
        await requests(server, words, tokens[users[0]], room, findings)
        await looked_for(server, words, admin, findings)
        code = await server.stop()
        findings.check(code is not None, "an end in good order")
        for line in server.words(most=10**8).splitlines():
            silent(findings, words, line, f"a log line, {line[:90]!r}")
        secrets = [part for token in (*tokens.values(), admin) for part in (token, token.rpartition(".")[2])] + [word for word, place in words.places.items() if place in ("token", "token in a URL")]
        kept = files_with(data, secrets)
        findings.check(not kept, "a token is on disk", kept)
        return len(words.places)


def run(size, server):
    async def main(findings):
        counts = [await life(options, size, number, findings) for number, options in enumerate(LEVELS * size.of(1, 10))]
        findings.note(f"{sum(counts)} words said in {len(counts)} lives of a server, at log level debug, as text and as JSON")

    return tried("places looked at", main)
