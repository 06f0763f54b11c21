"""A country in buckets: the same scorecard as from one folder, and every way a bucket can be wrong in words."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from answerable.__main__ import main
from answerable.definition import read_programme, schemas
from answerable.exchange.tables import in_buckets, read_bucket_of, read_buckets, split_tables
from answerable.values import Refused
from tests.fuzz.test_years_and_hands_agree import made
from tests.unit.exchange.test_tables_laws import CHILD_HEALTH

PROGRAMME = read_programme(CHILD_HEALTH)


def units_of(rows: list[tuple[str, str, str]]) -> str:
    said = [f"{unit},{unit},{unit},{kind},{parent}" for unit, kind, parent in rows]
    return "\n".join(["unit,name_zh,name_en,kind,parent", *said]) + "\n"


TREE = [
    ("P", "level_1", ""),
    ("D1", "level_2", "P"),
    ("D2", "level_2", "P"),
    *((f"C{district}{at}", "level_3", f"D{district}") for district in (1, 2) for at in range(2)),
    *(
        (f"F{district}{at}{one}", "level_4", f"C{district}{at}")
        for district in (1, 2)
        for at in range(2)
        for one in "ab"
    ),
]
COUNTRY = units_of(TREE)


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """Two districts with facilities that file their stock of vaccines, some of them late or never."""
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "units.csv").write_text(COUNTRY, "utf-8")
    header = schemas(PROGRAMME)["returns-epi_stock"].header
    rows = [
        {"unit": f"F{at}{one}", "period": f"2025-{month:02d}", "version": "1"}
        | {name: str(at + month) for name in header[4::2]}
        for at in (10, 11, 20, 21)
        for one in "ab"
        for month in range(1, 13 - at % 10)
    ]
    (folder / "returns-epi_stock.csv").write_text(
        "\n".join([",".join(header), *(",".join(row.get(name, "") for name in header) for row in rows)]) + "\n"
    )
    return folder


@pytest.fixture
def buckets(tables: Path, tmp_path: Path) -> Path:
    split_tables(tables, PROGRAMME, tmp_path / "buckets", units=6)
    return tmp_path / "buckets"


def codes(refused: Refused) -> list[tuple[str, str]]:
    return [(str(issue.place), issue.code) for issue in refused.issues]


def refused_by(buckets: Path) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as refused:
        read_buckets(buckets, PROGRAMME)
    return codes(refused.value)


def test_buckets_are_scored_as_one_folder_is(
    tables: Path, buckets: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert [one.name for one in sorted(buckets.iterdir())] == ["00001", "00002", "buckets.json"]
    said = {}
    for name, folder in (("whole", tables), ("parts", buckets)):
        assert main(["score", str(CHILD_HEALTH), str(folder), "--out", str(tmp_path / name), "--lang", "en"]) == 0
        lines = [line for line in capsys.readouterr().out.splitlines() if str(tmp_path) not in line]
        # Totals made of the same figures are computed once in each bucket.
        assert any("computed one by one" in line for line in lines)
        said[name] = [line for line in lines if "computed one by one" not in line]
    assert said["whole"] == said["parts"]
    whole = sorted(file.name for file in (tmp_path / "whole").iterdir())
    assert whole == sorted(file.name for file in (tmp_path / "parts").iterdir())
    for name in whole:
        if name.endswith(".parquet"):
            assert pl.read_parquet(tmp_path / "whole" / name).equals(pl.read_parquet(tmp_path / "parts" / name)), name
        else:
            assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "parts" / name).read_bytes(), name


def test_a_unit_is_explained_from_its_bucket(tables: Path, buckets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = []
    for folder in (tables, buckets):
        assert main(["explain", str(CHILD_HEALTH), str(folder), "--unit", "C20", "--lang", "zh"]) == 0
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]
    with pytest.raises(Refused) as refused:
        read_bucket_of(buckets, PROGRAMME, "C99")
    assert codes(refused.value) == [("buckets.json", "scoring.unknown_unit")]


def test_a_tree_is_never_cut(tables: Path, tmp_path: Path) -> None:
    """With buckets of one unit each scored unit still stands with all below it, and those above in each bucket."""
    split_tables(tables, PROGRAMME, tmp_path / "small", units=1)
    held = [set(pl.read_parquet(file)["unit"]) for file in sorted((tmp_path / "small").glob("*/units.parquet"))]
    assert held == [
        {"P", "D1", "C10", "C11", "F10a", "F10b", "F11a", "F11b"},
        {"P", "D2", "C20", "C21", "F20a", "F20b", "F21a", "F21b"},
    ]


def lose(buckets: Path) -> None:
    shutil.rmtree(buckets / "00001")


def cut(buckets: Path) -> None:
    file = buckets / "00002/returns-epi_stock.parquet"
    file.write_bytes(file.read_bytes()[:-200])


def drop_rows(buckets: Path) -> None:
    file = buckets / "00002/returns-epi_stock.parquet"
    pl.read_parquet(file).head(5).write_parquet(file)


def drop_table(buckets: Path) -> None:
    (buckets / "00002/returns-epi_stock.parquet").unlink()


def repeat_unit(buckets: Path) -> None:
    first, second = (buckets / name / "units.parquet" for name in ("00001", "00002"))
    frame = pl.concat([pl.read_parquet(second), pl.read_parquet(first).filter(pl.col("unit").is_in(["D1", "C10"]))])
    frame.write_parquet(second)
    said = json.loads((buckets / "buckets.json").read_bytes())
    said["buckets"][1]["rows"]["units"] = frame.height
    (buckets / "buckets.json").write_text(json.dumps(said))


def more(buckets: Path) -> None:
    shutil.copytree(buckets / "00001", buckets / "00003")


def garble(buckets: Path) -> None:
    (buckets / "buckets.json").write_text("{")


WRONG: dict[Callable[[Path], None], list[tuple[str, str]]] = {
    lose: [("00001", "buckets.lost")],
    cut: [("00002/returns-epi_stock.parquet:1", "tables.unreadable")],
    drop_rows: [("00002/returns-epi_stock.parquet", "buckets.other_rows")],
    drop_table: [("00002/returns-epi_stock.parquet", "buckets.other_rows")],
    repeat_unit: [(f"00002/units.parquet:{unit}", "buckets.unit_twice") for unit in ("C10", "D1")],
    more: [("00003", "buckets.not_listed")],
    garble: [("buckets.json", "buckets.no_list")],
}


@pytest.mark.parametrize("spoil", WRONG, ids=lambda spoil: spoil.__name__)
def test_what_is_wrong_with_a_bucket_is_said_and_nothing_is_written(
    spoil: Callable[[Path], None], buckets: Path, tmp_path: Path
) -> None:
    spoil(buckets)
    assert refused_by(buckets) == WRONG[spoil]
    assert main(["score", str(CHILD_HEALTH), str(buckets), "--out", str(tmp_path / "out")]) == 2
    assert not (tmp_path / "out").exists()


def test_all_that_is_wrong_is_said_at_once(buckets: Path) -> None:
    cut(buckets)
    lose(buckets)
    more_of = pl.read_parquet(buckets / "00002/units.parquet").with_columns(kind=pl.lit("none"))
    more_of.write_parquet(buckets / "00002/units.parquet")
    places = {place.split(":")[0] for place, _ in refused_by(buckets)}
    assert places == {"00001", "00002/returns-epi_stock.parquet", "00002/units.parquet"}


def test_columns_may_stand_in_any_order(buckets: Path, tmp_path: Path) -> None:
    for name in ("first", "second"):
        assert main(["score", str(CHILD_HEALTH), str(buckets), "--out", str(tmp_path / name)]) == 0
        for file in buckets.glob("*/*.parquet"):
            frame = pl.read_parquet(file)
            frame.select(reversed(frame.columns)).write_parquet(file)
    said = [(tmp_path / name / "scorecard.json").read_bytes() for name in ("first", "second")]
    assert said[0] == said[1]


@pytest.mark.parametrize("rows", [[("P", "level_1", "")], [("F", "level_4", "")], TREE], ids=["nobody", "one", "alike"])
def test_nobody_one_unit_and_units_that_are_all_alike_are_scored_too(
    rows: list[tuple[str, str, str]], tmp_path: Path
) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables/units.csv").write_text(units_of(rows), "utf-8")
    split_tables(tmp_path / "tables", PROGRAMME, tmp_path / "buckets", units=10)
    for name in ("tables", "buckets"):
        assert main(["score", str(CHILD_HEALTH), str(tmp_path / name), "--out", str(tmp_path / f"of {name}")]) == 0
    first, second = ((tmp_path / f"of {name}/scorecard.json").read_bytes() for name in ("tables", "buckets"))
    assert first == second


def test_buckets_are_not_tables(buckets: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert in_buckets(buckets)
    assert main(["bulletin", str(CHILD_HEALTH), str(buckets), "--out", str(tmp_path / "out"), "--lang", "en"]) == 2
    assert "buckets.not_tables" in capsys.readouterr().err
    engine = ["--engine", "reference", "--lang", "en"]
    assert main(["score", str(CHILD_HEALTH), str(buckets), "--out", str(tmp_path / "out"), *engine]) == 2
    assert "buckets.one_engine" in capsys.readouterr().err


def test_nothing_is_overwritten(tables: Path, buckets: Path) -> None:
    with pytest.raises(Refused) as refused:
        split_tables(tables, PROGRAMME, buckets, units=6)
    assert codes(refused.value) == [(str(buckets), "buckets.not_empty")]


def test_a_programme_that_compares_units_explains_none_from_a_bucket(tables: Path, tmp_path: Path) -> None:
    programme = next(one for one, _ in map(made, range(50)) if one.grades.quotas)
    (tmp_path / "buckets").mkdir()
    (tmp_path / "buckets/buckets.json").write_text('{"format": "answerable-buckets/1", "buckets": [{}]}')
    with pytest.raises(Refused) as refused:
        read_bucket_of(tmp_path / "buckets", programme, "a")
    assert codes(refused.value) == [("buckets.json", "buckets.group_needed")]


# -- rows that came late ---------------------------------------------------------------------------------------------


def late_folder(tmp_path: Path, **changes: str) -> Path:
    """One return of a month nobody had filed."""
    folder = tmp_path / "late"
    folder.mkdir(exist_ok=True)
    header = schemas(PROGRAMME)["returns-epi_stock"].header
    row = {"unit": "F11a", "period": "2025-12", "version": "1"} | dict.fromkeys(header[4::2], "7") | changes
    lines = [",".join(header), ",".join(row.get(name, "") for name in header)]
    (folder / "returns-epi_stock.csv").write_text("\n".join(lines) + "\n")
    return folder


def late(buckets: Path, rows: Path, keep: Path, programme: Path = CHILD_HEALTH) -> int:
    return main(["late", str(programme), str(buckets), str(rows), "--keep", str(keep), "--lang", "en"])


def card_of(buckets: Path, out: Path, *more: str, programme: Path = CHILD_HEALTH) -> bytes:
    assert main(["score", str(programme), str(buckets), "--out", str(out), *more]) == 0
    return (out / "scorecard.json").read_bytes()


@pytest.fixture
def on_rounded(tmp_path: Path) -> Path:
    """The programme with both places on rounded totals: the exact ones are only known near others."""
    source = (CHILD_HEALTH / "programme.yaml").read_text("utf-8")
    (tmp_path / "programme.yaml").write_text(source.replace("on: exact", "on: rounded"), "utf-8")
    return tmp_path / "programme.yaml"


def test_where_nothing_can_be_told_of_one_bucket_all_is_scored_again(
    buckets: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep = tmp_path / "kept"
    card_of(buckets, tmp_path / "first", "--keep", str(keep))
    capsys.readouterr()
    assert late(buckets, late_folder(tmp_path), keep) == 0
    assert "all are scored again" in capsys.readouterr().out
    assert card_of(buckets, tmp_path / "second", "--keep", str(keep)) == card_of(buckets, tmp_path / "afresh")


def test_a_late_return_is_told_at_once_and_written_with_the_next_scorecard(
    buckets: Path, on_rounded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep = tmp_path / "kept"
    before = card_of(buckets, tmp_path / "first", "--keep", str(keep), programme=on_rounded)
    capsys.readouterr()
    assert late(buckets, late_folder(tmp_path), keep, on_rounded) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in said if line.startswith("00001  ")] == [
        *("C10:", "C11:", "D1:", "F10a:", "F10b:", "F11a:", "F11b:")
    ]
    begins = next(at for at, line in enumerate(said) if " F11a:" in line)
    place = said[begins + 2]
    assert place == "    Place under the same parent: 1 / 2"
    from_kept = card_of(buckets, tmp_path / "kept one", "--keep", str(keep), programme=on_rounded)
    afresh = card_of(buckets, tmp_path / "afresh", programme=on_rounded)
    assert from_kept == afresh != before


def test_what_is_kept_is_not_used_for_other_files(buckets: Path, tmp_path: Path) -> None:
    keep = tmp_path / "kept"
    card_of(buckets, tmp_path / "first", "--keep", str(keep))
    file = buckets / "00001/returns-epi_stock.parquet"
    pl.read_parquet(file).with_columns(pl.col(pl.Int64).exclude("version") * 3).write_parquet(file)
    assert late(buckets, late_folder(tmp_path), keep) == 2
    assert card_of(buckets, tmp_path / "second", "--keep", str(keep)) == card_of(buckets, tmp_path / "afresh")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"period": "2025-03"}, "buckets.row_exists"),
        ({"unit": "F99"}, "tables.unknown_unit"),
        ({"period": "2025-13"}, "tables.no_such_month"),
    ],
)
def test_a_wrong_late_row_is_refused_and_changes_nothing(
    changes: dict[str, str], code: str, buckets: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep = tmp_path / "kept"
    before = card_of(buckets, tmp_path / "first", "--keep", str(keep))
    capsys.readouterr()
    held = {file: file.read_bytes() for file in sorted(buckets.rglob("*")) if file.is_file()}
    assert late(buckets, late_folder(tmp_path, **changes), keep) == 2
    assert code in capsys.readouterr().err
    assert {file: file.read_bytes() for file in sorted(buckets.rglob("*")) if file.is_file()} == held
    assert card_of(buckets, tmp_path / "again", "--keep", str(keep)) == before


def test_late_rows_need_a_country_that_is_kept(
    tables: Path, buckets: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert late(buckets, late_folder(tmp_path), tmp_path / "kept") == 2
    assert "buckets.not_kept" in capsys.readouterr().err
    keep = ["--keep", str(tmp_path / "kept"), "--lang", "en"]
    assert main(["score", str(CHILD_HEALTH), str(tables), "--out", str(tmp_path / "out"), *keep]) == 2
    assert "buckets.only_kept" in capsys.readouterr().err
