"""A browser for the journeys, the demonstration they visit, and the times the server took, told at the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest
from playwright.sync_api import Browser

from tests.journeys.browser import Load, chromium, opened_browser
from tests.journeys.served import House, demonstration

_loads = pytest.StashKey[list[Load]]()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    executable = chromium()
    if executable is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    with opened_browser(executable) as opened:
        yield opened


@pytest.fixture(scope="session")
def demo(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the demonstration, made from nothing; no browser, no demonstration."""
    with demonstration(tmp_path_factory.mktemp("demo")) as address:
        yield address


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An installation with nothing in it."""
    return House(tmp_path)


@pytest.fixture
def loads(request: pytest.FixtureRequest) -> list[Load]:
    """Where a journey leaves the times it measured."""
    return request.config.stash.setdefault(_loads, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    measured = terminalreporter.config.stash.get(_loads, [])
    if not measured:
        return
    times = sorted(load.milliseconds for load in measured)
    terminalreporter.section("time of the server, from the request's end to the answer's first byte")
    terminalreporter.write_line(
        f"{len(times)} pages: median {median(times):.0f} ms, 95 % under {times[int(len(times) * 0.95)]:.0f} ms"
    )
    for load in sorted(measured, key=lambda load: -load.milliseconds)[:12]:
        terminalreporter.write_line(f"  {load.milliseconds:6.0f} ms  {load.who or 'stranger':14} {load.address}")
