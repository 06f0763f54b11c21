"""A site in processes of its own: its folder, its SQLite file, its port and its stated moment."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = ("DATABASE_URL", "ANSWERABLE_SECRET_KEY", "ANSWERABLE_HTTPS", "ANSWERABLE_HOSTS", "ANSWERABLE_DEMO_NOW")
PATIENCE = 120
"""Seconds a site may take to answer: a demonstration is made first."""


@dataclass(frozen=True)
class House:
    """An installation in a folder of its own."""

    folder: Path

    @property
    def database(self) -> Path:
        """Its one file."""
        return self.folder / "answerable.sqlite3"

    def environment(self, **more: str) -> dict[str, str]:
        """What its processes see: nothing of the machine's own installation."""
        kept = {name: value for name, value in os.environ.items() if name not in (*NOT_OURS, "ANSWERABLE_DATABASE")}
        return {
            **kept,
            "ANSWERABLE_HOME": str(self.folder),
            "DJANGO_SETTINGS_MODULE": "answerable.site.settings",
            "NO_PROXY": "127.0.0.1",
            **more,
        }

    def live(self, piece: str) -> None:
        """Let a piece of the district's year pass on its database, as tests/journeys/district.py has it."""
        script = "import sys, django; django.setup(); from tests.journeys import district; district.main(sys.argv[1])"
        done = subprocess.run(
            [sys.executable, "-c", script, piece],
            cwd=ROOT,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, done.stderr

    @contextmanager
    def open(self, at: str) -> Iterator[str]:
        """Serve it from a stated moment on; gives its address, and is shut at the end."""
        port = free_port()
        served = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--host", "127.0.0.1"]
        served += ["--port", str(port), "--blocking-threads", "2", "--log-level", "warning"]
        with serving([*served, "answerable.site.wsgi:application"], port, self.environment(ANSWERABLE_DEMO_NOW=at)):
            yield f"http://127.0.0.1:{port}"


@contextmanager
def demonstration(folder: Path) -> Iterator[str]:
    """`answerable demo` as a stranger starts it, in a folder where nothing is yet; gives its address."""
    port = free_port()
    command = [sys.executable, "-m", "answerable", "demo", "--port", str(port), "--lang", "zh"]
    with serving(command, port, House(folder).environment()):
        yield f"http://127.0.0.1:{port}"


def free_port() -> int:
    """A port nobody listens to now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def serving(command: Sequence[str], port: int, environment: dict[str, str]) -> Iterator[None]:
    """Start a server, wait until it answers, stop it with all its children."""
    log = Path(environment["ANSWERABLE_HOME"]) / f"served-{port}.txt"
    with log.open("wb") as written:
        started = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=written, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            _wait(started, port, log)
            yield
        finally:
            _stop(started)
    told = log.read_text("utf-8")
    assert "Traceback" not in told, told


def _wait(started: subprocess.Popen[bytes], port: int, log: Path) -> None:
    begun = time.monotonic()
    while started.poll() is None and time.monotonic() - begun < PATIENCE:
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"the site does not answer: {log.read_text('utf-8')}")


def _stop(started: subprocess.Popen[bytes]) -> None:
    """Its own session only: the server and the workers it started."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(started.pid, sign)
            started.wait(timeout=10)
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue
    started.wait()
