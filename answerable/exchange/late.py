"""Rows that came late, for a country that is scored and kept: put into their buckets, and what they change told.

A score is never stale: what was kept stands for the files it was made of, and is used only while these are what they
were.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from answerable.definition import Programme
from answerable.exchange.tables.buckets import fingerprint, read_buckets
from answerable.exchange.tables.late_rows import add_rows, read_late
from answerable.scoring import keep_buckets, kept_in
from answerable.scoring.engines.columns.buckets import Kept, Moved
from answerable.values.issue import Issue, Place, Refused
from answerable.values.number import scaled_text
from answerable.values.period import Period
from answerable.values.text import Language, Text

__all__ = ["bring_late", "told", "up_to_date"]

_INPUTS = "inputs.json"


def up_to_date(programme: Programme, buckets: Path, period: Period, folder: Path) -> Kept:
    """What is kept of a country in a folder; scored again where any file is not what it was.

    Raises:
        Refused: with every issue of every bucket.
    """
    kept = _kept(programme, buckets, period, folder)
    if kept is not None:
        return kept
    tables = read_buckets(buckets, programme)
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.iterdir():
        if file.suffix in (".arrow", ".parquet") or file.name == _INPUTS:
            file.unlink()
    known = fingerprint(buckets)
    kept = keep_buckets(programme, tables, period, folder)
    _note(folder, known)
    return kept


def bring_late(
    programme: Programme, buckets: Path, rows: Path, period: Period, folder: Path
) -> Iterator[tuple[str, Moved | None]]:
    """Put rows that came late into their buckets, and give for each bucket what they changed.

    Nothing is written where anything is wrong with any row. Where units are compared with each other, or ranked on
    sums that are not rounded, nothing can be told of one bucket alone: then `None` is given, and all is scored again
    when it is next asked for.

    Raises:
        Refused: with every issue of the rows; or where nothing is kept, or not of these files.
    """
    kept = _kept(programme, buckets, period, folder)
    if kept is None:
        raise Refused([Issue("buckets.not_kept", Place(str(folder)))])
    late = read_late(rows, buckets, programme)
    (folder / _INPUTS).unlink()
    moved = []
    for bucket in late:
        tables = add_rows(bucket, buckets, programme)
        moved.append((bucket.name, kept.late(bucket.at, tables)))
    if all(one is not None for _, one in moved):
        _note(folder, fingerprint(buckets))
    yield from moved


def _kept(programme: Programme, buckets: Path, period: Period, folder: Path) -> Kept | None:
    try:
        known: Sequence[object] = json.loads((folder / _INPUTS).read_bytes())
    except (OSError, ValueError):
        return None
    return kept_in(folder, programme, period) if known == fingerprint(buckets) else None


def _note(folder: Path, known: Sequence[object]) -> None:
    (folder / _INPUTS).write_text(json.dumps(known), "utf-8")


def told(programme: Programme, bucket: str, moved: Moved | None, language: Language) -> Iterator[str]:
    """What late rows of a bucket changed, line by line."""
    if moved is None:
        said = Text(
            zh="仅凭这一组无法得出结果（单位之间相互比较，或按未取整总分排名），下次评分时全部重新计算",
            en="not told from this bucket alone, since units are compared or ranked on totals that are not rounded: "
            "all are scored again next time",
        )
        yield f"{bucket}: {said.in_language(language)}"
        return
    decimals = programme.rounding.total.decimals
    titles = {rank.id: rank.title.in_language(language) for rank in programme.ranks}
    for row in moved.grades.iter_rows(named=True):
        total = "" if row["total"] is None else f" {scaled_text(row['total'], decimals)}"
        yield f"{bucket}  {row['unit']}:{total} {programme.grades.title(row['grade']).in_language(language)}"
        for place in moved.ranks.filter(unit=row["unit"]).iter_rows(named=True):
            yield f"    {titles[place['rank']]}: {place['place']} / {place['of']}"
    for row in moved.others.iter_rows(named=True):
        yield f"    {row['unit']} → {programme.grades.title(row['grade']).in_language(language)}"
