"""What every test may rely on: no network, fixed examples, files that vanish, and no skip that nobody noticed."""

from __future__ import annotations

import os
import socket
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.engines import made_ready

ROOT = Path(__file__).resolve().parents[1]
SHARED_DATA = ROOT.parent / "shared" / "data"
NO_SHARED_DATA = "no shared data"

# The quick suite tries the same examples each time, so that a red run is about the change; the night tries new ones.
settings.register_profile("quick", max_examples=100, derandomize=True, deadline=None)
settings.register_profile(
    "nightly", max_examples=5000, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile(os.environ.get("ANSWERABLE_EFFORT", "quick"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the checkout, which may be absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"{NO_SHARED_DATA}: ../shared/data is absent")
    return SHARED_DATA


@pytest.fixture(scope="session", autouse=True)
def quick_passwords_and_files_that_vanish(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Hashing is slow on purpose and files stay on purpose: neither is wanted in a test."""
    from django.test import override_settings

    folder = tmp_path_factory.mktemp("media")
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with override_settings(PASSWORD_HASHERS=hashers, MEDIA_ROOT=folder):
        yield


@pytest.fixture(scope="session", autouse=True)
def engines_made_ready(request: pytest.FixtureRequest) -> None:
    """Only where a test asks an engine at all: to load one takes a while."""
    if any(part in item.path.parts for item in request.session.items for part in ("spec", "cases", "fuzz")):
        made_ready()


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """A test reaches this machine only."""
    connect = socket.socket.connect

    def connect_here(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise OSError(f"a test may not reach {address[0]}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect_here)
        yield


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes make no name: gzip writes the time into them, and workers must agree on what a test is called."""
    return argname if isinstance(val, bytes) else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A test that asks what one database does is not asked of another."""
    from django.db import connection

    elsewhere = [
        item for item in items if any(connection.vendor not in mark.args for mark in item.iter_markers("only_on"))
    ]
    if elsewhere:
        items[:] = [item for item in items if item not in elsewhere]
        config.hook.pytest_deselected(items=elsewhere)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if not hasattr(report, "wasxfail"):
        judge_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    judge_skip(report)
    return report


def judge_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Where everything is installed a skip is a failure, unless it is the shared data that is not there."""
    if not report.skipped or not isinstance(report.longrepr, tuple):
        return
    reason = report.longrepr[2].removeprefix("Skipped: ")
    if os.environ.get("ANSWERABLE_CI") == "1" and not reason.startswith(NO_SHARED_DATA):
        report.outcome = "failed"
        report.longrepr = f"Skipped where nothing may be skipped: {reason}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    absent = sorted(report.nodeid for report in skipped if NO_SHARED_DATA in str(report.longrepr))
    if absent:
        terminalreporter.write_line("\n".join([f"{len(absent)} skipped for want of ../shared/data:", *absent]))
