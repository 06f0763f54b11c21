"""The shipped programme on a made-up year of some communities and departments: the figures differ, some are absent."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

from answerable.definition import Programme, read, schemas
from answerable.values.period import Period
from answerable.values.table import Table

SOURCE = (Path(__file__).resolve().parents[3] / "answerable/programmes/family_services/programme.yaml").read_text(
    "utf-8"
)
YEAR = Period.of_year(2025)
AMOUNTS = {"entitled_amount": 1_200_000, "paid_amount": 1_150_000, "paid_on_time_amount": 1_100_000, "vacant_days": 0}


def shipped() -> Programme:
    return read(SOURCE.encode())


def year(programme: Programme, units: int = 24, seed: int = 5) -> Mapping[str, Table]:
    """A year of returns: most months filed, most cells there, one finding in five units."""
    random, known = Random(seed), schemas(programme)
    codes = [f"{at:03}" for at in range(units)]
    kinds = [random.choice(list(programme.assess)) for _ in codes]
    rows: dict[str, list[dict[str, Any]]] = {
        "units": [
            {"unit": code, "name_zh": "单位", "name_en": "Unit", "kind": kind, "parent": None, "forms": "monthly",
             "peer_group": random.choice("ab"), "opened": "2010-01-01", "closed": None}
            for code, kind in zip(codes, kinds, strict=True)
        ],
        "agreements": [
            {"unit": code, "version": 1, "issued_on": "2025-01-06", "unit_signed_on": "2025-01-15",
             "office_signed_on": f"2025-01-{random.choice((20, 31))}"}
            for code in codes
        ],
        "findings": [
            {"finding": f"F{code}", "unit": code, "kind": "board_outdated", "occurrences": random.randint(1, 3),
             "status": "confirmed", "found_on": "2025-06-03"}
            for code in codes[::5]
        ],
        "corrections": [
            {"correction": f"C{code}", "unit": code, "due_on": "2025-09-01",
             "closed_on": random.choice(("2025-08-20", "2025-10-01"))}
            for code in codes[::4]
        ],
    }  # fmt: skip
    rows["returns-monthly"] = [
        filed(programme, random, code, f"2025-{month:02}", 0.78 + 0.26 * at / units)
        for at, code in enumerate(codes)
        for month in range(1, 13)
        if random.random() < 0.97
    ]
    return {name: Table.of_rows(known[name], found) for name, found in rows.items()}


def filed(programme: Programme, random: Random, code: str, month: str, skill: float) -> dict[str, object]:
    last = f"{int(month[:4]) + month.endswith('12')}-{int(month[5:]) % 12 + 1:02}"
    row: dict[str, object] = {"unit": code, "period": month, "version": 1, "received_at": f"{last}-03T02:00:00Z"}
    for field in programme.form("monthly").fields:
        usual = AMOUNTS.get(field.id, 1 if field.measure == "flag" else 40)
        value: int | None = usual
        if field.measure != "flag" and not field.id.endswith(
            ("due", "planned", "entitled_amount", "requests", "columns")
        ):
            value = int(usual * min(1.0, skill + 0.1 * random.random()))
        row[field.id] = None if random.random() < 0.01 else value
        row[f"{field.id}_state"] = None
    return row
