"""A scorecard as files: grades, scores, indicators and ranks as CSV and Parquet, and the JSON that holds their digests.

The CSV files are the canonical bytes the digests are of; Parquet is for reading on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from answerable.definition import Programme
from answerable.exchange.tables import write_tables
from answerable.scoring import Scorecard
from answerable.scoring.scorecard import written
from answerable.values.text import Language

__all__ = ["counts", "write_scorecard"]


def write_scorecard(scorecard: Scorecard, folder: Path) -> list[Path]:
    """Write a scorecard and give the files written; the CSV files are what `Scorecard.document` has digests of."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{name}.csv" for name in sorted(scorecard.tables)]
    for file in files:
        file.write_bytes(written(scorecard.tables[file.stem]))
    write_tables(scorecard.tables, folder, format="parquet")
    document = folder / "scorecard.json"
    said = scorecard.document() | {"digest": scorecard.digest()}
    document.write_text(json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    return [*files, *(file.with_suffix(".parquet") for file in files), document]


def counts(programme: Programme, scorecard: Scorecard, language: Language) -> Iterator[tuple[str, str]]:
    """Per kind of unit: how many units have each grade, in words."""
    grades = scorecard.grades.columns
    order = [*(band.grade for band in programme.grades.bands), "not_rated"]
    for kind in programme.assess:
        of_kind = [grade for one, grade in zip(grades["kind"], grades["grade"], strict=True) if one == kind]
        said = [
            f"{programme.grades.title(grade).in_language(language)} {of_kind.count(grade)}"
            for grade in order
            if grade in of_kind
        ]
        comma = "，" if language == "zh" else ", "
        yield programme.unit_kinds[kind].in_language(language), comma.join(said) or "0"
