"""A scorecard as files: grades, scores, indicators and ranks as CSV and Parquet, and the JSON that holds their digests.

The CSV files are the canonical bytes the digests are of; Parquet is for reading on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from answerable.definition import Programme
from answerable.exchange.late import up_to_date
from answerable.exchange.tables import in_buckets, read_tables, write_tables
from answerable.exchange.tables.folder import LIST
from answerable.exchange.tables.parts import grade_counts, write_parts
from answerable.scoring import NOT_RATED, Scorecard, score
from answerable.scoring.run import Engine
from answerable.scoring.scorecard import Share, card, scorecard_schemas, written
from answerable.values.canonical import canonical_json, digest
from answerable.values.issue import Issue, Place, Refused
from answerable.values.period import Period
from answerable.values.text import Language, Text

__all__ = ["Written", "counts", "score_folder", "share_in_words", "write_scorecard"]


def write_scorecard(scorecard: Scorecard, folder: Path) -> list[Path]:
    """Write a scorecard and give the files written; the CSV files are what `Scorecard.document` has digests of."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{name}.csv" for name in sorted(scorecard.tables)]
    for file in files:
        file.write_bytes(written(scorecard.tables[file.stem]))
    write_tables(scorecard.tables, folder, format="parquet")
    document = _document(scorecard.document(), scorecard.digest(), folder)
    return [*files, *(file.with_suffix(".parquet") for file in files), document]


def _document(said: Mapping[str, Any], sha: str, folder: Path) -> Path:
    file = folder / "scorecard.json"
    told = json.dumps({**said, "digest": sha}, ensure_ascii=False, indent=1, sort_keys=True)
    file.write_text(told + "\n", "utf-8")
    return file


@dataclass(frozen=True)
class Written:
    """A scorecard on disk: its digest, how many units of each kind have each grade, its files, and how much of it the
    engine of columns computed one by one.
    """

    digest: str
    grades: Mapping[tuple[str, str], int]
    files: Sequence[Path]
    share: Share | None = None


def score_folder(
    programme: Programme, tables: Path, period: Period, engine: Engine, folder: Path, keep: Path | None = None
) -> Written:
    """Score a folder of tables, or of buckets of units one after the other, and write the scorecard.

    Args:
        keep: where a country is kept, so that it need not be scored again while its files are what they were.

    Raises:
        Refused: with every issue of the tables; nothing is written then.
    """
    if in_buckets(tables):
        return _score_buckets(programme, tables, period, engine, folder, keep)
    if keep:
        raise Refused([Issue("buckets.only_kept", Place(str(tables)))])
    scorecard = score(programme, read_tables(tables, programme, stored=engine != "reference"), period, engine)
    files = write_scorecard(scorecard, folder)
    return Written(scorecard.digest(), scorecard.counts(), files, scorecard.share() if scorecard.share else None)


def _score_buckets(
    programme: Programme, tables: Path, period: Period, engine: Engine, folder: Path, keep: Path | None
) -> Written:
    if engine != "columns":
        raise Refused([Issue("buckets.one_engine", Place(LIST), {"engine": engine})])
    schemas = scorecard_schemas(programme)
    with TemporaryDirectory(prefix="answerable-", dir=keep and keep.parent) as place:
        kept = up_to_date(programme, tables, period, keep or Path(place))
        folder.mkdir(parents=True, exist_ok=True)
        parts = kept.parts(schemas, Path(place))
        digests = {name: write_parts(schema, parts[name], folder) for name, schema in schemas.items()}
        grades = grade_counts(parts["grades"])
    said = card(programme.id, programme.digest, period, grades, digests)
    sha = digest(canonical_json(said))
    files = [folder / f"{name}.{kind}" for kind in ("csv", "parquet") for name in sorted(digests)]
    return Written(sha, grades, [*files, _document(said, sha, folder)], kept.share)


def counts(
    programme: Programme, grades: Mapping[tuple[str, str], int], language: Language
) -> Iterator[tuple[str, str]]:
    """Per kind of unit: how many units have each grade, in words."""
    order = [*(band.grade for band in programme.grades.bands), NOT_RATED]
    for kind in programme.assess:
        said = [
            f"{programme.grades.title(grade).in_language(language)} {grades[kind, grade]}"
            for grade in order
            if grades.get((kind, grade))
        ]
        comma = "，" if language == "zh" else ", "
        yield programme.unit_kinds[kind].in_language(language), comma.join(said) or "0"


def share_in_words(share: Share, language: Language) -> str:
    """How much was computed one by one, as a line."""
    part = f"{100 * share.sent / share.of:.2f}%" if share.of else "0%"
    said = Text(
        zh=f"逐个精确计算的数：{share.sent:,} / {share.of:,}（{part}）",
        en=f"computed one by one, exactly: {share.sent:,} of {share.of:,} figures ({part})",
    )
    return said.in_language(language)
