# A receiver of webhooks on loopback: it verifies what comes, writes it down, and answers as it is told.
import asyncio
import base64
import hashlib
import hmac
import json
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from support import eventually, require

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER_SECRET = "whsec_" + base64.b64encode(b"another secret of thirty-two by.").decode()


def signature(secret, id, timestamp, body):
    """As the specification of Standard Webhooks has it."""
    key = base64.b64decode(secret[len("whsec_"):])
    signed = b".".join([id.encode(), timestamp.encode(), body])
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


class Listening(ThreadingHTTPServer):
    """A server at work on a port of its own, with a thread for each connection."""

    request_queue_size = 64  # all of the server's connections at once
    daemon_threads = True

    def __init__(self, handler, certificate=None, host="127.0.0.1"):
        super().__init__((host, 0), handler)
        self.scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
            self.scheme = "https"
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def handle_error(self, *_):
        """A handshake or a connection that the client gives up, as it should."""

    def url(self, host, path):
        return f"{self.scheme}://{host}:{self.server_address[1]}{path}"

    def end(self):
        self.shutdown()
        self.server_close()


class Receiver:
    """Answers with `status`, or with what `decide(request)` says; 0 is no answer at all."""

    def __init__(self, secrets=(SECRET,), certificate=None, host="127.0.0.1"):
        self.secrets = secrets
        self.status = 204
        self.decide = None
        self.headers = {}
        self.attempts = []  # every request, as a dictionary
        self.accepted = []  # those that were answered with 2xx
        self.faults = []
        self._lock = threading.Lock()
        self._server = Listening(self._handler(), certificate, host)
        self.port = self._server.server_address[1]

    def url(self, host="127.0.0.1", path="/hook?from=parley"):
        return self._server.url(host, path)

    def close(self):
        self._server.end()
        require(not self.faults, "every request was as it must be", self.faults[:3])

    async def until(self, count, what, seconds=20):
        """Waits for so many accepted ones."""
        await eventually(lambda: len(self.accepted) >= count or self.faults, what, seconds)
        require(not self.faults, "every request was as it must be", self.faults[:3])

    async def until_told(self, conversation, seq, what):
        """Waits until this event, and so every one before it, was accepted."""
        await eventually(lambda: self.faults or any(each["data"]["seq"] == seq for each in self.told(conversation=conversation)), what)
        require(not self.faults, "every request was as it must be", self.faults[:3])

    def told(self, *types, conversation=None):
        """The bodies of what was accepted, in order."""
        return [each["body"] for each in self.accepted
                if (not types or each["body"]["type"] in types)
                and (conversation is None or each["body"]["data"]["conversation"] == conversation)]

    def _take(self, request, raw):
        headers = {name.lower(): value for name, value in request.headers.items()}
        entry = {"id": headers["webhook-id"], "path": request.path, "headers": headers, "body": json.loads(raw)}
        expected = [signature(each, entry["id"], headers["webhook-timestamp"], raw) for each in self.secrets]
        require(headers["webhook-signature"] == " ".join(expected), "signed with every secret", headers)
        require(abs(int(headers["webhook-timestamp"]) - time.time()) < 60, "the attempt's time", headers)
        require(headers["content-type"] == "application/json", "JSON", headers)
        require(set(entry["body"]) == {"type", "timestamp", "data"}, "the body's shape", entry["body"])
        with self._lock:
            self.attempts.append(entry)
            status = self.decide(entry) if self.decide else self.status
            if 200 <= status < 300:
                self.accepted.append(entry)
        return status

    def _handler(receiver):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                raw = self.rfile.read(int(self.headers["content-length"]))
                try:
                    status = receiver._take(self, raw)
                except Exception as fault:  # the journey hears of it
                    receiver.faults.append(repr(fault))
                    status = 500
                if status == 0:
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        return Handler


def endpoint(id, url, secrets=(SECRET,), events=("*",), **more):
    """An endpoint as the file has it."""
    return {"id": id, "url": url, "secrets": list(secrets), "events": list(events), **more}


def write_endpoints(file, *endpoints):
    file.write_text(json.dumps(list(endpoints)))


async def forever_quiet(receiver, seconds=0.4):
    """Nothing comes for a moment."""
    before = len(receiver.attempts)
    await asyncio.sleep(seconds)
    require(len(receiver.attempts) == before, "nothing more is sent", receiver.attempts[before:])
