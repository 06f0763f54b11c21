"""Server time of every page of the demonstration, per post: `python -m benchmarks.pages`, or as part of the whole.

The demonstration is made in a folder of its own, then each page is asked for in one process by the test client: the
first time, as after a restart, then the median and the most of five more. No network, no browser: the time is the
server's.
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
    "": ("/", "/bulletins/", "/bulletins/2025-N1/", "/bulletins/2025-N1/?sort=grade", "/accounts/login/", "/style"),
    "office1": (
        "/",
        "/agreements/?year=2026",
        "/agreements/?year=2026&page=3",
        "/agreements/2026-002-1/",
        "/agreements/issue/?year=2026&unit=010",
        "/returns/?year=2025",
        "/returns/?year=2025&state=missing",
        "/returns/",
        "/returns/002/?year=2025",
        "/returns/001/monthly/2025-03/",
        "/visits/?year=2025",
        "/visits/2025-V49/",
        "/visits/new/",
        "/visits/draw/?year=2026",
        "/visits/draw/2025-D2/",
        "/visits/draw/2026-D1/assign/",
        "/findings/?year=2025",
        "/findings/2026-F7/",
        "/findings/new/",
        "/corrections/?year=2025",
        "/corrections/2026-C5/",
        "/grades/?year=2025",
        "/grades/?year=2025&all=1",
        "/grades/?year=2025&all=1&sort=grade",
        "/grades/run/?year=2025",
        "/grades/2025-R1/001/",
        "/grades/2025-R1/001/?whole=1",
        "/grades/2025-R1/001/special_families/",
        "/notices/",
        "/programmes/",
        "/programmes/proposals/",
        "/programmes/proposals/new/",
        "/programmes/proposals/2026-P1/",
        "/programmes/proposals/2026-P1/sheet/",
        "/ledger/",
        "/ledger/?before=3187",
        "/ledger/3236/",
    ),
    "zg010": (
        "/",
        "/returns/",
        "/returns/010/monthly/2026-01/",
        "/grades/2025-R1/010/",
        "/grades/2025-R1/010/paid_in_full/",
        "/grades/today/010/",
        "/grades/today/010/?whole=1",
        "/corrections/",
        "/corrections/2025-C26/",
    ),
    "ld010": ("/", "/agreements/2026-010-1/", "/agreements/2026-010-1/sign/", "/findings/2025-F23/"),
    "kh01": (
        "/",
        "/visits/",
        "/visits/2026-V24/",
        "/returns/?year=2025",
        "/returns/005/?year=2025",
        "/returns/005/monthly/2025-02/",
    ),
    "lz01": ("/", "/grades/?year=2025", "/returns/?year=2025", "/visits/?year=2025", "/corrections/", "/findings/"),
}
"""What is asked for, by who asks: a stranger, an office, a specialist, a leader, an inspector, the leading group."""

ROUNDS = 5


def measured() -> list[dict[str, object]]:
    """One row per post and page: status, milliseconds of the first request, median and most of those after it."""
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
    from django.contrib.auth import get_user_model
    from django.test import Client

    import answerable.site.wsgi  # noqa: F401  as the server loads it

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
                    "most_ms": round(max(times[1:]), 1),
                }
            )
    print(json.dumps(rows))


if __name__ == "__main__":
    for row in measured():
        print("  ".join(f"{cell}" for cell in row.values()))
