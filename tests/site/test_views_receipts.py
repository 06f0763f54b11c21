"""Receipts: whoever may read a return may take its proof away, and check it with nothing but SHA-256."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from answerable.site.actions import returns
from answerable.site.models import Entry
from answerable.site.reads.ledger import get_last_index, get_root
from tests.pages import browser, renders_in_both_languages, who_sees, words
from tests.world import FORM, World, values


def entry_of(unit: str, period: str, version: int = 1) -> int:
    """The entry that filed a version, read from the bodies one by one."""
    for entry in Entry.objects.filter(kind__startswith="return."):
        if json.loads(entry.body)["rows"][0]["key"] == [unit, FORM, period, version]:
            return entry.idx
    raise AssertionError("no such version was filed")


def address(unit: str = "C01", period: str = "2025-05", version: int = 1) -> str:
    return f"/receipts/{entry_of(unit, period, version)}/"


def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def root_by_hand(leaf: bytes, at: int, size: int, proof: list[str]) -> bytes:
    """RFC 9162, section 2.1.3.2, on its own: nothing of the house is called."""
    last = size - 1
    for one in map(bytes.fromhex, proof):
        assert last > 0
        if at & 1 or at == last:
            leaf = sha(b"\x01", one, leaf)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            leaf = sha(b"\x01", leaf, one)
        at, last = at >> 1, last >> 1
    assert last == 0
    return leaf


def test_a_receipt_opens_to_whoever_may_read_the_return(world: World) -> None:
    readers = {"office", "leading_group", "specialist", "leader", "inspector"}
    assert who_sees(world, address()) == readers
    assert who_sees(world, address().rstrip("/") + ".json") == readers


def test_a_receipt_says_what_was_filed_by_which_post_and_when(world: World) -> None:
    text = words(browser(world.people.leader).get(address()))
    entry = Entry.objects.get(idx=entry_of("C01", "2025-05"))
    for said in (
        "Specialist",
        "Specialist-C01",
        entry.leaf_hash,
        get_root(),
        f"Entries in the tree {get_last_index() + 1}",
    ):
        assert said in text, said
    assert f"Entry of the ledger {entry.idx}" in text and "2025-05, version 1" in text and "12,000.00" in text
    assert "does not prove when" in text


def test_the_file_is_checked_from_the_figures_to_the_root_with_nothing_but_sha256(world: World) -> None:
    for unit, period, version, requests in (("C01", "2025-01", 1, 40), ("C02", "2025-04", 2, 38)):
        index = entry_of(unit, period, version)
        told = browser(world.people.office).get(f"/receipts/{index}.json").json()
        assert sha(canonical(told["row"])).hex() == told["row_digest"]
        body = json.loads(told["body"])
        assert [row["digest"] for row in body["rows"]] == [told["row_digest"]] and body["idx"] == index
        leaf = sha(b"\x00", sha(bytes.fromhex(told["salt"]), told["body"].encode()))
        assert leaf.hex() == told["leaf_hash"]
        assert root_by_hand(leaf, index, told["tree_size"], told["proof"]).hex() == told["root"] == get_root()
        assert json.loads(told["row"]["row"]["values"])["requests"]["value"] == requests


def test_the_program_of_the_document_finds_a_receipt_sound_and_a_bent_one_not(world: World, tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs/ledger.md").read_text("utf-8")
    program = next(one for one in re.findall(r"(?:^    .*\n|^\n)+", text, re.M) if "told[" in one)
    told = browser(world.people.office).get(f"/receipts/{entry_of('C01', '2025-05')}.json").content.decode()
    kept = tmp_path / "receipt.json"
    for sent, sound in ((told, True), (told.replace('{\\"state\\":\\"\\",\\"value\\":40}', "{}"), False)):
        kept.write_text(sent, "utf-8")
        ran = subprocess.run([sys.executable, "-c", dedent(program), kept], capture_output=True, text=True, check=False)
        assert (ran.returncode == 0) is sound, ran.stderr
        assert get_root() in ran.stdout if sound else "the row is another" in ran.stderr


def test_a_kept_root_is_proved_against_after_the_ledger_has_grown(world: World) -> None:
    index, size, root = entry_of("C01", "2025-05"), get_last_index() + 1, get_root()
    person = world.people.of_unit("E01", "specialist")
    returns.submit(by=person, unit="E01", form=FORM, period="2025-12", values=values())
    told = browser(world.people.specialist).get(f"/receipts/{index}.json?size={size}").json()
    assert (told["tree_size"], told["root"]) == (size, root) and get_root() != root
    assert root in words(browser(world.people.specialist).get(f"/receipts/{index}/?size={size}"))


@pytest.mark.parametrize("asked", ["0", "-1", "x", "²", "9" * 40, "1"])
def test_a_ledger_that_does_not_hold_the_entry_is_answered_in_words(world: World, asked: str) -> None:
    client = browser(world.people.specialist)
    page = client.get(address(), {"size": asked})
    assert page.status_code == 200 and "No such ledger holds this entry" in words(page) and get_root() in words(page)
    assert client.get(address().rstrip("/") + ".json", {"size": asked}).status_code == 404


def test_an_entry_that_files_no_return_has_no_receipt(world: World) -> None:
    other = Entry.objects.exclude(kind__startswith="return.").order_by("-idx").values_list("idx", flat=True)[0]
    for index in (other, get_last_index() + 1, 10**30):
        assert browser(world.people.office).get(f"/receipts/{index}/").status_code == 404
        assert browser(world.people.office).get(f"/receipts/{index}.json").status_code == 404


def test_a_return_leads_to_the_receipt_of_each_of_its_versions(world: World) -> None:
    page = browser(world.people.office).get(f"/returns/C02/{FORM}/2025-04/").content.decode()
    for version in (1, 2):
        assert f'href="{address("C02", "2025-04", version)}"' in page
    renders_in_both_languages(world.people.office, [address("C02", "2025-04", 2), f"{address()}?size=x"])


def test_the_number_of_questions_does_not_grow_with_the_ledger(world: World) -> None:
    client, asked = browser(world.people.office), address()
    client.get(asked)
    with CaptureQueriesContext(connection) as few:
        client.get(asked)
    for month in (11, 12):
        person = world.people.of_unit("E01", "specialist")
        returns.submit(by=person, unit="E01", form=FORM, period=f"2025-{month}", values=values())
    with CaptureQueriesContext(connection) as many:
        client.get(asked)
    assert len(many) == len(few)
