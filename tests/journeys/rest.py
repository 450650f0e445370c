# What one user, or an administrator, asks for over REST: JSON over connections that are kept.
import asyncio
import http.client
import json
import urllib.parse

from support import require


class Rest:
    """One token's requests, one after another over one connection for as long as the server keeps it."""

    def __init__(self, server, token, **headers):
        self.server = server
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.headers |= {name.replace("_", "-"): value for name, value in headers.items()}
        self.connection = None
        self.connections = 0

    def _ask(self, method, path, body, headers):
        if self.connection is None:
            self.connection = http.client.HTTPConnection(*self.server.address, timeout=20)
            self.connections += 1
        named = {**self.headers, **headers}
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        if body is not None:
            named.setdefault("Content-Type", "application/json")
        try:
            self.connection.request(method, path, body=body.encode() if isinstance(body, str) else body, headers=named)
            answer = self.connection.getresponse()
            got = answer.status, answer.headers, answer.read()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            self.connection = None
            raise
        if answer.will_close:
            self.connection.close()
            self.connection = None
        return got

    async def ask(self, method, path, body=None, **headers):
        """Status, headers and bytes."""
        return await asyncio.to_thread(self._ask, method, path, body, {k.replace("_", "-"): v for k, v in headers.items()})

    async def good(self, method, path, body=None, status=200, **headers):
        """What a request that must work is answered with."""
        got, _, data = await self.ask(method, path, body, **headers)
        require(got == status, f"{method} {path} is answered with {status}", got, data[:300])
        return json.loads(data)

    async def refused(self, method, path, status, code, body=None, **headers):
        """A request that must not work, by its status and code; the problem."""
        got, named, data = await self.ask(method, path, body, **headers)
        require(named["Content-Type"] == "application/problem+json", "a problem says so", named.items())
        problem = json.loads(data)
        require((got, problem["status"], problem["code"]) == (status, status, code), f"{method} {path} is {code}", got, problem)
        return problem


def segment(text):
    """A segment of a path."""
    return urllib.parse.quote(text, safe="")
