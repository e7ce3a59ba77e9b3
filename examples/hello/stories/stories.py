"""Tells stories about the notes, token by token: GET /stream?n=20. Needs nothing but Python's standard library.

The answer has the shape in which LLM providers stream: server-sent events, each a chunk with a `delta`, then `[DONE]`.
Fairlead gives PORT, HOST, NOTES_URL and FAIRLEAD_VERSION. On SIGTERM it takes no new connection, finishes the streams
under way, and ends.
"""

import itertools
import json
import os
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

NOTES = os.environ.get("NOTES_URL", "http://127.0.0.1:8000")
GREETING = os.environ.get("GREETING", "Once upon a time")
PAUSE_S = float(os.environ.get("PAUSE_MS", "50")) / 1000
VERSION = os.environ.get("FAIRLEAD_VERSION", "v0")
LONGEST = 5000


def notes():
    """The texts of the newest notes, asked of the other service."""
    with urllib.request.urlopen(f"{NOTES}/notes", timeout=5) as answer:
        return [note["text"] for note in json.load(answer)["notes"]]


def story(texts):
    """The tokens of a story without end."""
    told = "; ".join(texts) or "nothing yet, for the book of notes was empty"
    first = f"{GREETING}, somebody wrote a note. It said: {told}."
    again = f"And then somebody read it again: {told}."
    words = itertools.chain(first.split(), itertools.cycle(again.split()))
    return (f"{word} " for word in words)


def chunk(identity, token=None, finish=None):
    """One event, in the shape of a chat completion chunk."""
    delta = {} if token is None else {"content": token}
    content = {
        "id": identity,
        "object": "chat.completion.chunk",
        "created": int(time.time()),
        "model": f"stories-{VERSION}",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }
    return f"data: {json.dumps(content)}\n\n".encode()


class Stories(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self):
        url = urlsplit(self.path)
        with self.server.one_request():
            if url.path == "/health":
                self.send(200, {"status": "ok", "version": VERSION})
            elif url.path == "/stream":
                self.tell(parse_qs(url.query).get("n", ["30"])[-1])
            else:
                self.send(404, {"error": "there is GET /stream?n=20 and GET /health"})

    def tell(self, length):
        if not length.isdecimal() or not 1 <= int(length) <= LONGEST:
            self.send(400, {"error": f"n should be a number of tokens from 1 to {LONGEST}"})
            return
        try:
            texts = notes()
        except (urllib.error.URLError, OSError, ValueError) as error:
            self.send(502, {"error": f"the notes can't be read: {error}"})
            return
        try:
            self.stream(itertools.islice(story(texts), int(length)))
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the listener has left

    def stream(self, tokens):
        identity = f"story-{uuid.uuid4().hex[:12]}"
        self.begin(200, "text/event-stream", {"Transfer-Encoding": "chunked", "Cache-Control": "no-cache"})
        for token in tokens:
            self.write(chunk(identity, token))
            time.sleep(PAUSE_S)
        self.write(chunk(identity, finish="stop"))
        self.write(b"data: [DONE]\n\n")
        self.write(b"")

    def write(self, data):
        """One piece in chunked encoding (RFC 9112, 7.1); an empty one ends the answer."""
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def send(self, status, content):
        body = json.dumps(content).encode() + b"\n"
        self.begin(status, "application/json", {"Content-Length": str(len(body))})
        self.wfile.write(body)
        self.wfile.flush()

    def begin(self, status, kind, headers):
        self.send_response(status)
        for name, value in {"Content-Type": kind, "X-Version": VERSION, **headers}.items():
            self.send_header(name, value)
        if self.server.ending:
            self.send_header("Connection", "close")
        self.end_headers()

    def log_request(self, code="-", size="-"):
        if self.path != "/health":
            print(self.command, self.path, int(code), flush=True)


class Server(ThreadingHTTPServer):
    """A server that ends when nothing is under way any more."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.ending = False
        self.under_way = 0
        self.changed = threading.Condition()

    @contextmanager
    def one_request(self):
        with self.changed:
            self.under_way += 1
        try:
            yield
        finally:
            with self.changed:
                self.under_way -= 1
                self.changed.notify_all()

    def handle_error(self, request, client_address):
        """A client that leaves is no error of ours; anything else is shown."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def end(self, *_):
        self.ending = True
        threading.Thread(target=self.shutdown).start()

    def run(self):
        signal.signal(signal.SIGTERM, self.end)
        signal.signal(signal.SIGINT, self.end)
        self.serve_forever(poll_interval=0.1)
        self.server_close()
        with self.changed:
            self.changed.wait_for(lambda: self.under_way == 0)


if __name__ == "__main__":
    address = (os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000")))
    print("stories on port", address[1], "as", VERSION, flush=True)
    Server(address, Stories).run()
