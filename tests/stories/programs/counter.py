"""Counts its requests in Redis (`CACHE_URL`) and in PostgreSQL (`DB_URL`), whichever it was given."""

import os
import socket
import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

TABLE = "CREATE TABLE IF NOT EXISTS seen (at timestamptz DEFAULT now())"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        counts = (count(os.environ[name]) for name, count in COUNTS.items() if name in os.environ)
        body = "ok" if self.path == "/health" else " ".join(map(str, counts))
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())


def in_redis(url: str) -> int:
    """Speaks the protocol itself: https://redis.io/docs/latest/develop/reference/protocol-spec."""
    where = urlsplit(url)
    with socket.create_connection((where.hostname, where.port or 6379)) as connection:
        answers = connection.makefile("rb")
        connection.sendall(command("AUTH", where.password or "") + command("INCR", "seen"))
        assert answers.readline() == b"+OK\r\n"
        return int(answers.readline().removeprefix(b":"))


def command(*words: str) -> bytes:
    parts = [f"*{len(words)}", *(part for word in words for part in (f"${len(word)}", word)), ""]
    return "\r\n".join(parts).encode()


def in_postgres(url: str) -> int:
    query = f"{TABLE}; INSERT INTO seen DEFAULT VALUES; SELECT count(*) FROM seen"
    done = subprocess.run(["psql", "--no-psqlrc", "-qAt", "-c", query, url], capture_output=True, text=True, check=True)
    return int(done.stdout)


COUNTS = {"CACHE_URL": in_redis, "DB_URL": in_postgres}
ThreadingHTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Handler).serve_forever()
