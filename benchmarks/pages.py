"""Server time of every page of the demonstration, per post: `python -m benchmarks.pages`, or as part of the whole.

The demonstration is made in a folder of its own, then each page is asked for in one process by the test client: the
first time, as after a restart, and the median of five more. No network, no browser: the time is the server's.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

__all__ = ["PAGES", "measured"]

PAGES: dict[str, tuple[str, ...]] = {
    "": ("/", "/bulletins/", "/bulletins/2025-N1/", "/accounts/login/"),
    "office1": (
        "/",
        "/agreements/?year=2026",
        "/returns/?year=2025",
        "/visits/?year=2025",
        "/findings/?year=2025",
        "/corrections/?year=2025",
        "/grades/?year=2025",
        "/grades/?year=2025&all=1",
        "/grades/2025-R1/001/",
        "/grades/2025-R1/001/?whole=1",
        "/programmes/",
        "/ledger/",
    ),
    "zg010": ("/", "/returns/", "/returns/010/monthly/2026-01/", "/grades/2025-R1/010/paid_in_full/"),
    "ld010": ("/", "/agreements/2026-010-1/"),
    "kh01": ("/", "/visits/"),
    "lz01": ("/", "/grades/?year=2025"),
}
"""What is asked for, by who asks: a stranger, an office, a specialist, a leader, an inspector, the leading group."""

ROUNDS = 5


def measured() -> list[dict[str, object]]:
    """One row per post and page: status, milliseconds of the first request and the median of those after it."""
    with tempfile.TemporaryDirectory(prefix="answerable-pages-") as home:
        environment = {**os.environ, "ANSWERABLE_HOME": home}
        for name in ("DATABASE_URL", "ANSWERABLE_DATABASE", "ANSWERABLE_SECRET_KEY"):
            environment.pop(name, None)
        command = [sys.executable, "-m", "answerable", "demo", "--no-serve"]
        subprocess.run(command, env=environment, check=True, capture_output=True)
        inside = {
            **environment,
            "ANSWERABLE_DATABASE": str(Path(home) / "demo.sqlite3"),
            "ANSWERABLE_DEMO_NOW": "2026-02-03T10:00:00+08:00",
            "DJANGO_SETTINGS_MODULE": "answerable.site.settings",
        }
        code = "from benchmarks.pages import ask; ask()"
        done = subprocess.run([sys.executable, "-c", code], env=inside, check=True, capture_output=True, text=True)
    rows: list[dict[str, object]] = json.loads(done.stdout)
    return rows


def ask() -> None:
    """Ask for every page, in the process that has the demonstration's settings, and print the rows as JSON."""
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.test import Client

    people = get_user_model()
    rows = []
    for username, pages in PAGES.items():
        client = Client(headers={"accept-language": "zh-hans"}, SERVER_NAME="localhost")
        if username:
            client.force_login(people._default_manager.get(username=username))
        for page in pages:
            times = []
            for _ in range(ROUNDS + 1):
                begun = time.perf_counter()
                status = client.get(page).status_code
                times.append((time.perf_counter() - begun) * 1000)
            rows.append(
                {
                    "who": username or "stranger",
                    "page": page,
                    "status": status,
                    "first_ms": round(times[0], 1),
                    "median_ms": round(statistics.median(times[1:]), 1),
                }
            )
    print(json.dumps(rows))


if __name__ == "__main__":
    for row in measured():
        print("  ".join(f"{cell}" for cell in row.values()))
