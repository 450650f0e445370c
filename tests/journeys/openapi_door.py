# Asks over HTTP as the OpenAPI document has it, and judges each answer by it.
import http.client
import json
import threading
import time
import urllib.parse

from support import PATIENCE, require

REQUEST = "req-8841"
IDLE = 5  # seconds after which a connection is left alone: the server ends it after ten


class Answer:
    def __init__(self, method, response):
        self.method = method
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def next(self):
        """The address of the next page."""
        link = self.headers.get("Link")
        if link is None:
            return None
        address, _, relation = link.partition(";")
        require(relation.strip() == 'rel="next"' and address[0] + address[-1] == "<>", "a link to the next page", link)
        return address[1:-1]


def quoted(value):
    return urllib.parse.quote(str(value), safe="")


def in_query(value):
    """A parameter's text: flags in small letters, lists with commas."""
    if isinstance(value, list):
        return ",".join(quoted(each) for each in value)
    return quoted(json.dumps(value) if isinstance(value, bool) else value)


class Door:
    """Connections to one server, one for each user and thread."""

    def __init__(self, server, document, tokens):
        self.server = server
        self.document = document
        self.tokens = tokens
        self.local = threading.local()
        self.asked = 0
        self.succeeded = {}  # operationId -> the statuses of good answers

    def plain(self, method, address, who=None, body=None, headers=None):
        """Any request, and its answer; nobody looks at it."""
        head = {"Authorization": f"Bearer {self.tokens[who]}"} if who else {}
        connections = self.local.__dict__
        connection, last = connections.get(str(who), (None, 0))
        if time.monotonic() - last > IDLE:
            connection = http.client.HTTPConnection(*self.server.address, timeout=PATIENCE)
        connection.request(method, address, body, head | (headers or {}))
        answer = Answer(method, connection.getresponse())
        connections[str(who)] = connection, time.monotonic()
        return answer

    def address(self, operation, fields, query):
        path = operation.path
        for each in operation.of("path"):
            path = path.replace("{" + each["name"] + "}", quoted(fields.get(each["name"], each["example"])))
        pairs = "&".join(f"{name}={in_query(value)}" for name, value in query.items())
        return f"{path}?{pairs}" if pairs else path

    def ask(self, operation, who="alice", fields=None, query=None, body=None, headers=None, method=None):
        """An operation of the document with an answer that it describes."""
        head = dict(headers or {})
        if operation.named("header", "X-Request-Id"):
            head["X-Request-Id"] = REQUEST
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
            head.setdefault("Content-Type", "application/json")
        address = self.address(operation, fields or {}, query or {})
        self.asked += 1
        end = time.monotonic() + PATIENCE
        while True:
            answer = self.plain(method or operation.method, address, who, body, head)
            self.document.judge(operation, answer)
            # An export's place is given back a moment after its end.
            if answer.status != 429 or "xport" not in operation.id or time.monotonic() > end:
                break
            time.sleep(0.02)
        if "X-Request-Id" in head:
            require(answer.headers.get("X-Request-Id") == REQUEST, "the request's name comes back", operation, answer)
        if answer.status in operation.good() and method is None:
            self.succeeded.setdefault(operation.id, set()).add(answer.status)
        return answer

    def good(self, operation, *how, **more):
        """Likewise, and it went well."""
        answer = self.ask(operation, *how, **more)
        require(answer.status in operation.good(), "it goes well", operation, how, more, answer)
        return answer

    def refused(self, operation, status, *how, **more):
        answer = self.ask(operation, *how, **more)
        require(answer.status == status, "it is refused", operation, status, how, more, answer)
        require(answer.json["status"] == status, "the problem has the status, too", answer)
        return answer
