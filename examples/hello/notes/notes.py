"""Keeps notes in SQLite: GET and POST /notes. Needs nothing but Python's standard library.

Fairlead gives PORT, HOST and DATA_DIR. On SIGTERM it takes no new connection, answers what is under way, and ends.
"""

import json
import os
import signal
import sqlite3
import sys
import threading
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

DATABASE = Path(os.environ.get("DATA_DIR", ".")) / "notes.db"
LONGEST_NOTE = 64 * 1024
SHOWN = 20


def connect():
    """A connection for one request; WAL lets an old and a new version work side by side."""
    connection = sqlite3.connect(DATABASE, timeout=10)
    connection.execute("PRAGMA journal_mode = WAL")
    return connection


def prepare():
    with closing(connect()) as connection, connection:
        connection.execute("CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")


def newest():
    with closing(connect()) as connection:
        rows = connection.execute("SELECT id, text FROM note ORDER BY id DESC LIMIT ?", (SHOWN,))
        return [{"id": number, "text": text} for number, text in rows]


def keep(text):
    with closing(connect()) as connection, connection:
        number = connection.execute("INSERT INTO note (text) VALUES (?)", (text,)).lastrowid
    return {"id": number, "text": text}


class RefusedError(Exception):
    """A request that can't be answered: a status and the reason."""


class Notes(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # one write for the head and the body

    def do_GET(self):
        self.answer({"/health": lambda: {"status": "ok", "notes": len(newest())}, "/notes": self.listing})

    def do_POST(self):
        self.answer({"/notes": lambda: keep(self.note())}, status=201)

    def listing(self):
        return {"notes": newest()}

    def note(self):
        """The body: plain text, or JSON with `text`."""
        body = self.body()
        if self.headers.get_content_type() == "application/json":
            body = json.loads(body)["text"]
        if not isinstance(body, str) or not body.strip():
            raise RefusedError(400, "a note needs some text")
        return body.strip()

    def body(self):
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            raise RefusedError(411, "the length of the body is missing")
        if int(length) > LONGEST_NOTE:
            raise RefusedError(413, f"a note holds at most {LONGEST_NOTE} bytes")
        return self.rfile.read(int(length)).decode()

    def answer(self, routes, status=200):
        route = routes.get(self.path.partition("?")[0].rstrip("/"))
        with self.server.one_request():
            try:
                if route is None:
                    raise RefusedError(404, "there is GET /notes, POST /notes and GET /health")
                self.send(status, route())
            except RefusedError as refused:
                self.close_connection = True  # its body may be unread
                self.send(refused.args[0], {"error": refused.args[1]})
            except (ValueError, KeyError, TypeError):
                self.send(400, {"error": 'expected text, or JSON such as {"text": "buy milk"}'})
            except sqlite3.Error as error:
                self.send(503, {"error": str(error)})

    def send(self, status, content):
        body = json.dumps(content).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection or self.server.ending:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

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
    prepare()
    address = (os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000")))
    print("notes in", DATABASE.name, "on port", address[1], flush=True)
    Server(address, Notes).run()
