"""Agreements of a year: their text, and who has signed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from answerable.site.models import AgreementSignature, AgreementVersion
from answerable.site.reads.once import once_a_page
from answerable.site.reads.posts import get_display_names


@dataclass(frozen=True)
class Signature:
    """Who signed for a side, and when."""

    side: str
    username: str
    name: str
    signed_at: datetime


@dataclass(frozen=True)
class Agreement:
    """One issued agreement. `signatures` by side, `unit` and `office`."""

    number: str
    unit: str
    year: int
    version: int
    programme_digest: str
    issued_at: datetime
    signatures: dict[str, Signature]

    @cached_property
    def text(self) -> dict[str, Any]:
        """The content as issued. Fetched only where it is read: a list of agreements needs none of it."""
        source = AgreementVersion.objects.values_list("text", flat=True).get(number=self.number)
        text: dict[str, Any] = json.loads(source)
        return text

    @property
    def is_signed(self) -> bool:
        """Whether both sides have signed."""
        return {"unit", "office"} <= set(self.signatures)


@dataclass(frozen=True)
class Sides:
    """An issued agreement in short: the sides that have signed it."""

    unit: str
    number: str
    signed: frozenset[str]


@once_a_page
def list_agreements(year: int, unit: str | None = None) -> tuple[Agreement, ...]:
    """The agreement in force of each unit in a year: its last version. By unit."""
    rows = AgreementVersion.objects.filter(year=year).order_by("version").defer("text")
    if unit is not None:
        rows = rows.filter(unit_code=unit)
    latest = {row.unit_code: row for row in rows}
    return _read([latest[code] for code in sorted(latest)], agreement__year=year)


@once_a_page
def list_sides(year: int, unit: str | None = None) -> tuple[Sides, ...]:
    """Which sides have signed the agreement in force of each unit in a year. By unit."""
    asked = {"year": year} if unit is None else {"year": year, "unit_code": unit}
    rows = AgreementVersion.objects.filter(**asked).order_by("version")
    latest = dict(rows.values_list("unit_code", "number"))
    signed: dict[str, set[str]] = {}
    held = AgreementSignature.objects.filter(**{f"agreement__{name}": value for name, value in asked.items()})
    for number, side in held.values_list("agreement__number", "side"):
        signed.setdefault(number, set()).add(side)
    return tuple(Sides(code, latest[code], frozenset(signed.get(latest[code], ()))) for code in sorted(latest))


def get_agreement(number: str) -> Agreement | None:
    """One agreement by its number; None where there is none."""
    return next(
        iter(_read(AgreementVersion.objects.filter(number=number).defer("text"), agreement__number=number)), None
    )


def get_agreement_of(unit: str, year: int) -> Agreement | None:
    """The agreement in force of a unit in a year; None before one is issued."""
    return next(iter(list_agreements(year, unit)), None)


def _read(rows: Iterable[AgreementVersion], **of: object) -> tuple[Agreement, ...]:
    """These agreements; `of` says where their signatures are to be found."""
    agreements = list(rows)
    held = AgreementSignature.objects.filter(**of)
    signed = list(held.values_list("agreement__number", "side", "signed_by", "signed_at"))
    names = get_display_names(signed_by for _, _, signed_by, _ in signed)
    by_agreement: dict[str, dict[str, Signature]] = {}
    for number, side, signed_by, signed_at in signed:
        by_agreement.setdefault(number, {})[side] = Signature(side, signed_by, names[signed_by], signed_at)
    return tuple(
        Agreement(
            number=row.number,
            unit=row.unit_code,
            year=row.year,
            version=row.version,
            programme_digest=row.programme_digest,
            issued_at=row.issued_at,
            signatures=by_agreement.get(row.number, {}),
        )
        for row in agreements
    )
