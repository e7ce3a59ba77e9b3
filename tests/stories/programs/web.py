"""A web server that behaves as `MOOD` says: well, or badly in one of the ways that programs have."""

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

MOODS = set(os.environ.get("MOOD", "").split())
VERSION = os.environ["FAIRLEAD_VERSION"]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/health":
            sick = "sick" in MOODS or Path(os.environ.get("DATA_DIR", "."), "sick").exists()
            self.answer(f"{VERSION} {os.environ['FAIRLEAD_INSTANCE']}", 503 if sick else 200)
        elif self.path.startswith("/stream"):
            self.stream(int(self.path.partition("=")[2] or 20))
        elif self.path == "/word":
            self.answer(Path("word.txt").read_text())
        else:
            self.answer(f"{VERSION} {os.environ.get('WORD', '')}\n")

    def answer(self, text: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("x-version", VERSION)
        self.send_header("content-length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def stream(self, events: int) -> None:
        self.send_response(200)
        self.send_header("x-version", VERSION)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        for number in range(events):
            self.wfile.write(f"data: {number}\n\n".encode())
            time.sleep(0.1)
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *args: object) -> None:
        return


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


def flood() -> None:
    while True:
        print("x" * 500, flush=True)


def main() -> None:
    print(f"{VERSION} begins", flush=True)
    if "crashes" in MOODS:
        sys.exit("no model file: weights.bin")
    if "tells" in MOODS:
        sys.exit(f"the key is {os.environ['API_KEY']}")
    if "deaf" in MOODS:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if "alone" in MOODS:  # two of these must never run together
        fcntl.flock(
            os.open(Path(os.environ["DATA_DIR"]) / "lock", os.O_RDWR | os.O_CREAT), fcntl.LOCK_EX | fcntl.LOCK_NB
        )
    if "forks" in MOODS:
        subprocess.Popen(["sleep", "3600"])
        subprocess.Popen(["sleep", "3600"], start_new_session=True)
    if "floods" in MOODS:
        threading.Thread(target=flood, daemon=True).start()
    if "dies" in MOODS:
        threading.Timer(0.7, lambda: os._exit(7)).start()
    Server((os.environ["HOST"], int(os.environ["PORT"])), Handler).serve_forever()


main()
