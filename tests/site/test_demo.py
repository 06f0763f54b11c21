"""`answerable demo` from nothing to an open site: in processes of its own, in a folder of its own."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

import pytest

from answerable.definition import read
from answerable.definition.changes import changes
from answerable.exchange.archive import Archive, read_archive
from answerable.exchange.snapshot import recorded_until, rows_recorded, scoring_tables, snapshot_digest
from answerable.exchange.verification import verify_archive
from answerable.ledger.verify import opened
from answerable.site import demo
from answerable.site.demo.district import district
from answerable.site.demo.tables import tables_of
from answerable.values import Period, Refused

SETTINGS = ("DATABASE_URL", "ANSWERABLE_DATABASE", "ANSWERABLE_SECRET_KEY", "ANSWERABLE_HTTPS", "ANSWERABLE_HOSTS")


def environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    return {**kept, "ANSWERABLE_HOME": str(home)}


def answerable(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "answerable", *words]
    return subprocess.run(command, env=environment(home), capture_output=True, text=True, timeout=180)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the demonstration was made once."""
    folder = tmp_path_factory.mktemp("demo")
    made = answerable(folder, "demo", "--no-serve", "--lang", "en")
    assert made.returncode == 0, made.stderr
    for told in ("office1", "zg001", "ld001", "kh01", "lz01", demo.PASSWORD, "http://127.0.0.1:8000"):
        assert told in made.stdout
    return folder


@pytest.fixture(scope="module")
def archive(home: Path) -> Archive:
    return read_archive(home / demo.DATABASE)


def test_it_leaves_one_whole_database_and_nothing_half_made(home: Path) -> None:
    assert [path.name for path in home.iterdir() if path.is_file()] == [demo.DATABASE]


def test_the_site_has_just_what_was_planned(archive: Archive) -> None:
    (run,) = archive.rows["score_run"]
    programme = read(archive.rows["programme_version"][0]["source"].encode())
    entries = opened(archive.entries).values()
    rows = rows_recorded(archive.rows, recorded_until(entries, run["entry_index"]))
    held, planned = scoring_tables(programme, rows, Period.parse("2025")), tables_of(district(), programme)
    for name, table in planned.items():
        assert list(held[name].rows()) == list(table.rows()), name
    assert snapshot_digest(planned) == run["snapshot_digest"]


def test_the_programme_gives_96_35_and_4(archive: Archive) -> None:
    counts = Counter(row["grade"] for row in archive.rows["grade"])
    assert counts == {"advanced": 96, "qualified": 35, "unqualified": 4}
    assert len(archive.rows["notice"]) == len(archive.rows["grade_confirmation"]) == 1


def test_nothing_came_in_but_through_the_door(home: Path) -> None:
    report = verify_archive(home / demo.DATABASE, home / "var" / "evidence")
    assert report.sound, report.lines("en")
    assert report.ledger.files and report.runs == 1 and report.draws == 5


def test_the_agreements_of_the_next_year_wait_to_be_signed(archive: Archive) -> None:
    issued = {row["number"] for row in archive.rows["agreement_version"] if row["year"] == 2026}
    signed = {row["agreement"] for row in archive.rows["agreement_signature"]} & issued
    assert len(issued) == 135 and 100 < len(signed) < 135


def test_a_second_version_of_the_programme_waits_for_the_second_person(archive: Archive) -> None:
    first, second = archive.rows["programme_proposal"]
    assert (first["proposed_by"], second["proposed_by"]) == ("office1", "office1")
    (decision,) = archive.rows["programme_decision"]
    assert (decision["proposal"], decision["decided_by"]) == (first["number"], "office2")
    published, proposed = read(first["source"].encode()), read(second["source"].encode())
    found = [change.where for change in changes(published, proposed) if change.weighty]
    assert found == ["tree.services.requests_settled.rule"]
    assert len(archive.rows["programme_version"]) == 1


def test_no_account_has_the_name_of_a_person(archive: Archive) -> None:
    names = {row["username"] for row in archive.rows["appointment"]}
    assert all(re.fullmatch(r"office[12]|lz0[12]|kh\d\d|(?:zg|ld)\d{3}", name) for name in names)


def test_a_second_run_makes_nothing_anew(home: Path) -> None:
    before = (home / demo.DATABASE).read_bytes()
    again = answerable(home, "demo", "--no-serve", "--lang", "zh")
    assert again.returncode == 0 and "正在生成" not in again.stdout and demo.PASSWORD in again.stdout
    assert (home / demo.DATABASE).read_bytes() == before


def test_what_was_stopped_half_way_is_made_again(tmp_path: Path) -> None:
    script = """
import json, sys
from pathlib import Path
from answerable.site import demo

class Stopped(Exception):
    pass

def stop():
    raise Stopped

path, told = Path(sys.argv[1]), []
demo._load = stop
try:
    demo.make(path)
except Stopped:
    told.append(path.exists())
demo._load = lambda: None
told += [demo.make(path), path.exists()]
told += [demo.make(path)]
demo._is_whole = lambda: True
told += [demo.make(path)]
print(json.dumps(told))
"""
    command = [sys.executable, "-c", script, str(tmp_path / demo.DATABASE)]
    done = subprocess.run(command, env=environment(tmp_path), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == [False, True, True, True, False]
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [demo.DATABASE]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("DATABASE_URL", "postgresql://office@db/answerable"),
        ("ANSWERABLE_DATABASE", "office.sqlite3"),
        ("ANSWERABLE_SECRET_KEY", "kept elsewhere"),
        ("ANSWERABLE_HTTPS", "1"),
        ("ANSWERABLE_HOSTS", "localhost,office.example"),
    ],
)
def test_it_does_not_run_where_the_installation_is_real(setting: str, value: str) -> None:
    with pytest.raises(Refused) as refused:
        demo.refuse_production({setting: value, "PATH": "/bin"})
    assert [(issue.code, issue.facts["setting"]) for issue in refused.value.issues] == [
        ("demo.real_installation", setting)
    ]


def test_settings_of_one_machine_are_not_taken_for_real() -> None:
    demo.refuse_production({"ANSWERABLE_HOSTS": "localhost,127.0.0.1", "ANSWERABLE_HTTPS": "0", "DATABASE_URL": ""})


def test_a_taken_port_is_said_before_anything_is_made(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        refused = answerable(tmp_path, "demo", "--port", str(other.getsockname()[1]), "--lang", "en")
    assert refused.returncode == 2 and "demo.port_taken" in refused.stderr
    assert list(tmp_path.iterdir()) == []


# -- the open site -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "answerable", "demo", "--port", str(port)]
    with subprocess.Popen(
        command, env=environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            _wait_for(f"http://127.0.0.1:{port}/")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _wait_for(address: str) -> None:
    for _ in range(200):
        try:
            with build_opener().open(address, timeout=5):
                return
        except URLError:
            time.sleep(0.1)
    raise AssertionError(f"nothing answers at {address}")


def _page(opener: OpenerDirector, address: str, form: dict[str, str] | None = None) -> str:
    sent = Request(address, urlencode(form).encode() if form else None, {"Referer": address, "Accept-Language": "en"})
    with opener.open(sent, timeout=10) as answer:
        text: str = answer.read().decode()
    return text


def test_the_public_page_answers_without_signing_in(address: str) -> None:
    assert "<html" in _page(build_opener(), f"{address}/")


@pytest.mark.parametrize("username", ["office1", "zg001", "ld001", "kh01", "lz01"])
def test_everybody_signs_in_with_the_password_that_was_told(address: str, username: str) -> None:
    opener = build_opener(HTTPCookieProcessor(CookieJar()))
    page = _page(opener, f"{address}/accounts/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    form = {"csrfmiddlewaretoken": token[1], "login": username, "password": demo.PASSWORD}
    home_page = _page(opener, f"{address}/accounts/login/", form)
    assert 'name="password"' not in home_page, "still at the door"
