# H1: who comes from a page of a listed origin, or of the server's own page, is let in, byte for byte; every neighbour of such an origin is not.
import pathlib
import tempfile

import http_abuse
from ground import tried
from raw_socket import RawSocket, request
from support import serving

LISTED = [http_abuse.ALLOWED, "http://chat.example:8080", "https://xn--bcher-kva.example"]


def neighbours(origin):
    """Origins that a careless comparison takes for `origin`."""
    scheme, _, host = origin.partition("://")
    name, _, port = host.partition(":")
    yield from (f"{origin}.evil.example", f"{origin}evil.example", f"{scheme}://evil-{host}", f"{scheme}://sub.{host}", f"{scheme}://{host}/", f"{scheme}://{host}/path",
                f"{scheme}://{host}?", f"{scheme}://{host}#", f"{scheme}://{host}.", f"{scheme}://user@{host}", f"{scheme}://user:pass@{host}", f"{origin}@evil.example",
                f"{scheme}://evil.example?{origin}", f"{scheme}://evil.example/{origin}", f"{scheme}://evil.example#{origin}", f"{scheme}://evil.example\\@{host}",
                f"{scheme.upper()}://{host}", f"{scheme}://{host.upper()}", f"{scheme}://{host.title()}", f"{scheme}:{host}", f"{scheme}:/{host}", f"//{host}", host, name,
                f"{scheme}://{name}:1", f"{scheme}://{name}:443", f"{scheme}://{name}:80", f"{scheme}://{name}:08443", f"{scheme}://{name}:", f"ws://{host}", f"wss://{host}", f"file://{host}",
                f"{scheme}://{name.replace('.', 'x')}", f"{scheme}://{name.replace('.', '%2e')}", f"{scheme}://{name.replace('e', 'е')}", f"{scheme}://{name}%00.evil.example", f"{scheme}://{name}%0d%0a",
                f"{origin} {origin}", f"{origin},{origin}", f"{origin}, https://evil.example", f"https://evil.example {origin}", f"null {origin}", f"{origin}\t{origin}", f'"{origin}"', f"<{origin}>",
                origin[:-1], origin[1:], origin + origin, f"{scheme}s://{host}" if scheme == "http" else f"http://{host}", f"{origin}\0", f"{origin}\x7f", f"{origin}\x0b", f"*.{name}", f"{scheme}://*")
    for place in range(0, len(origin), 3):
        yield origin[:place] + origin[place + 1:]
        yield origin[:place] + origin[place] + origin[place:]
        yield origin[:place] + ("x" if origin[place] != "x" else "y") + origin[place + 1:]


OTHERS = ["", "null", "NULL", "*", "https://", "://", "https://*", "https://evil.example", "http://localhost", "http://127.0.0.1", "http://127.0.0.1:8080", "http://[::1]", "chrome-extension://abcdef",
          "moz-extension://abcdef", "about:blank", "data:", "blob:https://app.example.com/x", "javascript:", "https://bücher.example", "https://BÜCHER.example", "undefined", "0"]


async def status(server, raw_origin, host="127.0.0.1"):
    """The status of an upgrade with these bytes for an origin; None: without one."""
    raw = await RawSocket.open(server)
    data = request(Host=host)
    if raw_origin is not None:
        data = data[:-2] + b"Origin: " + raw_origin + b"\r\n\r\n"
    await raw.send(data)
    found, _, _ = await raw.answer()
    raw.end()
    return found


async def preflight(server, raw_origin, host="a"):
    """Which origin an answer to a page's first question allows; None when it allows none."""
    raw = await RawSocket.open(server)
    await raw.send(f"OPTIONS /v1/conversations HTTP/1.1\r\nHost: {host}\r\nAccess-Control-Request-Method: POST\r\nConnection: close\r\n".encode() + b"Origin: " + raw_origin + b"\r\n\r\n")
    _, headers, _ = await raw.answer()
    raw.end()
    return headers.get("access-control-allow-origin")


async def with_a_list(options, wrong, findings):
    async with serving(*options, release=True) as running:
        findings.check(await status(running, None) == 101, "no origin: no browser")
        for origin in LISTED:
            findings.check(await status(running, origin.encode()) == 101, origin)
            findings.check(await preflight(running, origin.encode()) == origin, f"a page of {origin} asks first")
            twice = await status(running, origin.encode() + b"\r\nOrigin: https://evil.example")
            findings.check(twice in (400, 403), f"{origin} and another one", twice)
        for origin in sorted(wrong):
            found = await status(running, origin.encode())
            findings.check(found in (400, 403), f"origin {origin!r}", found)
            allowed = await preflight(running, origin.encode())
            findings.check(allowed is None, f"a page of {origin!r} asks first", allowed)


async def with_a_page(options, wrong, findings):
    """As it is shipped: pages of the very host that a request names are let in beside those of the list."""
    with tempfile.TemporaryDirectory() as page:
        for name in ("index.html", "admin.html"):
            (pathlib.Path(page) / name).write_text("<!doctype html>")
        async with serving("--page", page, *options, release=True) as running:
            for host in (running.http, "evil.example", *(origin.partition("://")[2] for origin in LISTED)):
                own = {f"http://{host}", f"https://{host}"}
                origins = {*wrong, *LISTED, *own, *(each for one in own for each in neighbours(one))}
                for origin in sorted(origins):
                    is_own, is_listed = origin.strip(" \t") in own, origin.strip(" \t") in LISTED
                    found = await status(running, origin.encode(), host)
                    findings.check(found == 101 if is_own or is_listed else found in (400, 403), f"origin {origin!r} at {host} with its page", found)
                    allowed = await preflight(running, origin.encode(), host)
                    findings.check(allowed == (origin.strip(" \t") if is_listed and not is_own else None), f"a page of {origin!r} asks {host} first", allowed)
                for origin in own:
                    found = await status(running, origin.encode(), ["127.0.0.1", host])
                    findings.check(found == 400, f"origin {origin!r} where {host} is a second Host", found)


def run(size, server):
    async def main(findings):
        options = [word for origin in LISTED for word in ("--origin", origin)]
        wrong = {each for origin in LISTED for each in neighbours(origin)} | set(OTHERS) | {origin for origin, good in http_abuse.ORIGINS if origin and not good}
        wrong = {origin for origin in wrong if origin.strip(" \t") not in LISTED}  # blanks around a value are no part of it
        await with_a_list(options, wrong, findings)
        await with_a_page(options, wrong, findings)
        findings.note(f"{len(wrong)} origins beside {len(LISTED)} listed ones, as upgrades and as preflights, without a page and with one under {len(LISTED) + 2} names")

    return tried("origins", main)
