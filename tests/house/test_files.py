"""What is committed: no address of a registry, no path of somebody's machine, no name that says nothing."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.house.checkout import ROOT, files, name_of, text_files

# Written apart, or this file would find itself.
HOSTS = [
    "pypi" + ".org",
    "python" + "hosted.org",
    "registry" + ".npmjs",
    "deb" + ".debian.org",
    "crates" + ".io",
    "jsdelivr" + ".net",
    "unpkg" + ".com",
    "cdnjs" + ".cloudflare",
    "fonts" + ".googleapis",
]
ADDRESS = re.compile("|".join(map(re.escape, HOSTS)) + r"|https?://\S+(?:\.whl|\.tar\.gz|\.tgz|/simple/?)(?![\w.])")
MACHINE = re.compile(
    rf"(?<![\w.])(?:/home/\w|/Users/\w|/root/\w|{re.escape(str(ROOT))}/|{re.escape(str(Path.home()))}/\w)"
)
REFUSED_NAMES = {"utils", "common", "helpers", "misc", "manager", "service", "processor", "data"}
LOCKS = ("requirements/runtime.txt", "requirements/dev.txt", "requirements/bench.txt", "requirements/scale.txt")


def hits(pattern: re.Pattern[str]) -> dict[str, list[str]]:
    found = {name: [hit.group(0) for hit in pattern.finditer(text)] for name, text in text_files().items()}
    return {name: places for name, places in found.items() if places}


def refused(name: str) -> set[str]:
    """The refused words a path is made of, in the singular or the plural."""
    words = set(re.split(r"[/._]", name))
    return {word for word in REFUSED_NAMES if words & {word, f"{word}s", word.removesuffix("s")}}


def pinned(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text_files()[lock], re.MULTILINE))


def wanted(group: str | None = None) -> set[str]:
    """Names of the packages pyproject asks for, also for a group or an extra, as a lock writes them."""
    settings = tomllib.loads(text_files()["pyproject.toml"])
    parts = {**settings["dependency-groups"], **settings["project"]["optional-dependencies"]}
    asked = parts[group] if group else settings["project"]["dependencies"]
    return {re.split(r"[^A-Za-z0-9._-]", line)[0].lower().replace("_", "-").replace(".", "-") for line in asked}


def test_no_file_names_a_registry() -> None:
    assert hits(ADDRESS) == {}


def test_no_file_holds_a_path_of_a_machine() -> None:
    assert hits(MACHINE) == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    python = [name_of(path) for path in files() if path.suffix == ".py"]
    assert {name: refused(name) for name in python if refused(name)} == {}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash_and_no_address(lock: str) -> None:
    text = text_files()[lock]
    entries = re.split(r"\n(?=[a-z0-9])", text[text.index("\n", text.rindex("# ", 0, text.index("=="))) :].strip())
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in text and "@" not in text


def test_the_lock_holds_what_the_project_asks_for() -> None:
    assert wanted() | wanted("build") <= set(pinned(LOCKS[0])), "run make lock"
    assert wanted("dev") <= set(pinned(LOCKS[1])), "run make lock"
    assert wanted("postgresql") | wanted("duckdb") <= set(pinned(LOCKS[1])), "run make lock"
    assert wanted("bench") <= set(pinned(LOCKS[2])), "run make lock"
    assert wanted("scale") <= set(pinned(LOCKS[3])), "run make lock"


def test_the_locks_agree() -> None:
    runtime, dev, bench, scale = (pinned(lock) for lock in LOCKS)
    assert runtime.items() <= dev.items() <= bench.items()
    assert dev.items() <= scale.items()


def test_what_only_some_need_is_not_installed_for_the_rest() -> None:
    assert not {"pandas", "pyspark"} & set(pinned(LOCKS[1]))
    assert not {"duckdb", "pyarrow", "psycopg"} & set(pinned(LOCKS[0]))


@pytest.mark.parametrize("text", ["see https://" + HOSTS[0] + "/x", "https://example.org/a-1.0" + ".whl"])
def test_an_address_would_be_found(text: str) -> None:
    assert ADDRESS.search(text)


@pytest.mark.parametrize(
    "text", ["in /" + "home/somebody/x", f"open({str(ROOT)!r}" + "/a)".replace("'", ""), "/Users" + "/x"]
)
def test_a_path_of_a_machine_would_be_found(text: str) -> None:
    assert MACHINE.search(text.replace("'", ""))


def test_a_name_that_says_nothing_would_be_found() -> None:
    assert refused("answerable/site/utils.py") == {"utils"}
    assert refused("answerable/services/run.py") == {"service"}
    assert refused("answerable/definition/tables.py") == set()
