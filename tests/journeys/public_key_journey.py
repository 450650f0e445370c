# Tokens that somebody else signs: RS256 and ES256 keys, what is asked of them, and wrong files.
from client import Client
from openssl import EC, RSA, certificate, key_pair, signed
from support import Server, data_directory, done, require, run, run_program
from token_abuse import claims, made, refused

RULES = ("--jwt-issuer", "https://login.example", "--jwt-audience", "parley", "--jwt-admin-claim", "boss")
FITTING = {"iss": "https://login.example", "aud": ["mail", "parley"]}


def good_tokens(rsa, ec):
    for private, alg in ((rsa, "RS256"), (ec, "ES256")):
        yield alg, signed(private, alg, sub="alice", **FITTING)
        yield f"{alg}, audience as text", signed(private, alg, sub="alice", **FITTING | {"aud": "parley"})


def bad_tokens(rsa, rsa_public, ec, ec_public, stranger):
    yield "another key", signed(stranger, "RS256", sub="alice", **FITTING)
    yield "a secret", made(b"k" * 32, claims(**FITTING))
    yield "another issuer", signed(ec, "ES256", sub="alice", **FITTING | {"iss": "https://evil.example"})
    yield "another audience", signed(ec, "ES256", sub="alice", **FITTING | {"aud": "mail"})
    yield "no audience", signed(rsa, "RS256", sub="alice", iss=FITTING["iss"])
    for public in (rsa_public, ec_public):
        for alg in ("HS256", "RS256", "ES256"):
            yield f"the public key as a secret, {alg}", made(public.read_bytes(), claims(**FITTING), {"alg": alg})
    good = signed(rsa, "RS256", sub="alice", **FITTING)
    yield "no signature", good[:good.rindex(".") + 1]
    head, body, signature = good.split(".")
    yield "other claims", ".".join([head, signed(rsa, "RS256", sub="bob", **FITTING).split(".")[1], signature])


async def tokens_of_others(data, folder):
    """Good tokens are welcome in both encodings, bad ones get `unauthenticated` and 4401."""
    rsa, rsa_public = key_pair(folder, "rsa", RSA)
    ec, ec_public = key_pair(folder, "ec", EC)
    stranger, _ = key_pair(folder, "stranger", RSA)
    server = await Server(data).start("--jwt-key", str(rsa_public), "--jwt-key", str(ec_public), *RULES)
    tried = 0
    for what, token in good_tokens(rsa, ec):
        for encoding in ("msgpack", "json"):
            client = await Client.open(server, token, encoding)
            require(client.welcome["user"] == "alice", what, client.welcome)
            await client.close()
            tried += 1
    for what, token in bad_tokens(rsa, rsa_public, ec, ec_public, stranger):
        for in_header in (False, True):
            ended = await refused(server, token, "json", in_header)
            require(ended == ("unauthenticated", 4401), what, ended)
            tried += 1
    late = await refused(server, signed(ec, "ES256", sub="alice", exp=1.5, **FITTING), "json", False)
    require(late == ("token_expired", 4401), "an expired token says so", late)
    done("tokens signed with an RSA and an EC key; bad ones are refused", tried + 1)
    await no_token_is_made(server, rsa_public)
    await server.stop()
    await server.check()


async def no_token_is_made(server, public):
    """`parleyd token` has no key, says so, and makes none."""
    for more in ([], ["--jwt-key", str(public)]):
        code, out, err = await run_program(server.binary, "token", "--data", str(server.data), "--user", "alice", *more)
        require(code == 1 and not out and "--jwt-key" in err, "`token` says why it makes none", code, out, err)
    names = [path.name for path in server.data.iterdir()]
    require("token.key" not in names, "no key of the server's own is made", names)
    done("`parleyd token` explains that tokens are made elsewhere", 2)


async def own_key_again(data):
    """Without the option the server goes back to its own key."""
    server = await Server(data).start()
    client = await Client.open(server, await server.token("alice"))
    await client.close()
    await server.stop()
    done("without --jwt-key the server's own tokens are good again")


async def wrong_files(data, folder):
    """A key that cannot be used ends the start with status 1 and a reason that names the file."""
    small, small_public = key_pair(folder, "small", (*RSA[:-1], "rsa_keygen_bits:1024"))
    curve, curve_public = key_pair(folder, "curve", (*EC[:-1], "ec_paramgen_curve:P-384"))
    cert, _ = certificate(folder, "cert")
    rubbish = folder / "rubbish"
    rubbish.write_bytes(b"\0rubbish")
    wrong = [folder / "missing", folder, rubbish, small, small_public, curve, curve_public, cert]
    for path in wrong:
        server = Server(data)
        await server.launch("--jwt-key", str(path))
        out = await server.process.stdout.read()
        code = await server.wait()
        require(code == 1 and not out and str(path) in server.words(), "a wrong key file", path, code, server.words())
    done("a file without a fitting public key: exit 1, the reason names it", len(wrong))


async def main():
    with data_directory() as data:
        await tokens_of_others(data, data.parent)
        await own_key_again(data)
        await wrong_files(data, data.parent)


if __name__ == "__main__":
    run(main)
