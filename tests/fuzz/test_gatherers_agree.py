"""Two hundred fixed random programmes on each engine that takes SQL: the judge's digest; and each operation by itself.

DuckDB in the quick suite; Spark by `make test-spark`, one session for all.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest

from answerable.definition import Programme
from answerable.scoring import Scorecard, score
from answerable.scoring.engines import reference
from answerable.scoring.engines.columns import operations as op
from answerable.scoring.engines.columns.operations import Term
from answerable.scoring.engines.columns.rendering import doubtful, rendered
from answerable.scoring.engines.sql.dialect import BITS, Session
from answerable.scoring.engines.sql.terms import divides_wide, in_sql
from answerable.scoring.run import Engine, engine_of
from answerable.values.period import Period
from answerable.values.table import Tables
from tests.engines import HELD
from tests.fuzz.generated import Seeded, case
from tests.fuzz.test_engines_agree import differences, stored
from tests.fuzz.test_years_and_hands_agree import made
from tests.spec.office import Office, form, indicator, item

OF_EACH_KIND, BATCH = 100, 20
ENGINES = [engine for engine in HELD if engine in ("duckdb", "spark")]
Asked = tuple[Programme, Tables, Period]

pytestmark = pytest.mark.skipif(not ENGINES, reason="no engine that takes SQL is held")


def asked(kind: str, seed: int) -> Asked:
    if kind == "years":
        return (*made(seed), Period.parse("2025-01..2025-04"))
    whole = case(Seeded(seed))
    return whole.programme, whole.tables, whole.period


@cache
def judged(kind: str, seed: int) -> Scorecard | None:
    """What the judge gives; nothing where a root lies so near an edge that no digits decide it."""
    try:
        return reference.score(*asked(kind, seed))
    except ArithmeticError:
        return None


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", ["months", "years"])
@pytest.mark.parametrize("start", range(0, OF_EACH_KIND, BATCH))
def test_random_programmes_have_the_judges_digest(engine: Engine, kind: str, start: int) -> None:
    for seed in range(start, start + BATCH):
        judge = judged(kind, seed)
        if judge is not None:
            other = score(*asked(kind, seed), engine)
            assert other.digest() == judge.digest(), (seed, differences(judge, other)[:5])


@pytest.mark.parametrize("engine", ENGINES)
def test_tables_on_disk_are_read_where_they_are(engine: Engine, tmp_path: Path) -> None:
    for seed in range(8):
        programme, tables, period = asked("months", seed)
        (folder := tmp_path / str(seed)).mkdir()
        judge = judged("months", seed)
        assert judge is not None
        on_disk = stored(tables, folder)
        assert score(programme, on_disk, period, engine).digest() == judge.digest(), seed
        for asks in programme.forms:
            narrow: dict[Any, Any] = {one.id: pl.Boolean for one in asks.fields if one.measure == "flag"}
            for file in folder.glob(f"returns-{asks.id}-*.parquet"):
                pl.read_parquet(file).cast({"version": pl.Int8, **narrow}).write_parquet(file)
        assert score(programme, on_disk, period, engine).digest() == judge.digest(), f"{seed}, narrow columns"


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("names", ["newest received place p0", "f0 n c0 q0", "v t g m", "first after u s"])
def test_a_field_may_be_called_as_something_in_a_statement_is(engine: Engine, names: str) -> None:
    due, paid, open_, weight = names.split()
    fields = [{**field, "id": name} for field, name in zip(form()["fields"], names.split(), strict=True)]
    formula = f"sum(pay.{due} - pay.{paid} where pay.{open_} and pay.on_time) + count(pay where pay.{weight} > 1)"
    later = f"max(previous(pay.{due}) where pay.month > 1) * 100000000000000000000 / 7"
    returns: list[dict[str, Any]] = [
        {"unit": "a", "period": f"2025-0{month}", "version": version, "received_at": "2025-01-09T00:00:00Z"}
        | {due: 9 * version, paid: month, open_: 1, weight: 2000}
        for month, version in ((1, 1), (1, 2), (2, 1))
    ]
    indicators = [indicator("one", formula), indicator("two", later)]
    tree = [item("paid", {"full_or_none": ">= 1"}, of="one")]
    parts: dict[str, Any] = {"forms": [{**form(), "fields": fields}], "indicators": indicators, "tree": tree}
    said = [Office(one).score(returns, period="2025-01..2025-02", **parts) for one in ("reference", engine)]
    assert said[0].card.digest() == said[1].card.digest()
    assert said[0].value("one") == "26.00"


# -- a fault is found ----------------------------------------------------------------------------------------------


def nothing_newer(session: Session, raw: str) -> str:
    return f"(SELECT *, received_at AS {session.dialect.own('received')} FROM {raw} v)"


FAULTS: dict[str, tuple[str, str, Callable[..., Any]]] = {
    "older versions count too": ("months", "rows._newest", nothing_newer),
    "a month nobody filed is unknown, not unfiled": (
        "months",
        "rows._unfiled",
        lambda row, named, _: f"{row}.{named}",
    ),
    "every level is the highest": ("years", "rows._highest", lambda session, programme: "TRUE"),
    "all units answer for all months": (
        "months",
        "statements.only_answered",
        lambda *given: given[3],
    ),
}


def found_out(kind: str) -> bool:
    """Whether any random programme of a kind differs from the judge."""
    judges = ((seed, judged(kind, seed)) for seed in range(OF_EACH_KIND))
    return any(judge and score(*asked(kind, seed), "duckdb").digest() != judge.digest() for seed, judge in judges)


@pytest.mark.skipif("duckdb" not in HELD, reason="one engine is enough to find a fault in what they share")
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_in_the_sql_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kind, path, fault = FAULTS[name]
    module, function = path.split(".")
    monkeypatch.setattr(importlib.import_module(f"answerable.scoring.engines.sql.{module}"), function, fault)
    assert found_out(kind)


# -- each operation by itself --------------------------------------------------------------------------------------

NUMBERS = (0, 1, -1, 2, 3, -7, 10, 100, 2**31 - 1, -(2**31), 2**31, 10**12, 2**53 + 1, 2**62, -(2**62), None)
TEXTS = (
    "",
    "a",
    "B",
    "b",
    "é",
    "z",
    "一",
    "O'Hara",
    'say "x"',
    "back\\slash",
    "${HOME}",
    "\\'",
    "a\nb",
    "%_",
    "?",
    ":x",
)
WHOLE = [op.number(value) for value in (-3, 1, 7, 1000, 2**40)]


def rows(random: Random) -> pl.DataFrame:
    height = 60
    columns: dict[str, Any] = {name: [random.choice(NUMBERS) for _ in range(height)] for name in "ab"}
    columns["c"] = [random.randint(1, 50) for _ in range(height)]
    columns |= {name: [random.choice([True, False, None]) for _ in range(height)] for name in "fg"}
    columns |= {name: [random.choice(TEXTS) for _ in range(height)] for name in "tu"}
    return pl.DataFrame(columns).with_row_index("place").cast({"place": pl.Int64})


def whole(random: Random, depth: int) -> Term:
    if depth == 0:
        sides = [op.column("a", -(2**62), 2**62), op.column("b", -(2**62), 2**62), op.column("c", 1, 50), *WHOLE]
        return random.choice(sides)
    left, right = whole(random, depth - 1), whole(random, depth - 1)
    match random.choice(("add", "subtract", "multiply", "divide", "least", "greatest", "choose", "filled")):
        case "divide":
            return op.floor_divide(left, random.choice([op.column("c", 1, 50), op.number(7), op.number(2**40)]))
        case "choose":
            return op.choose(truth(random, depth - 1), left, right)
        case "filled":
            return op.filled(op.column(random.choice("ab"), -(2**62), 2**62))
        case name:
            made: Term = getattr(op, name)(left, right)
            return made


def truth(random: Random, depth: int) -> Term:
    if depth == 0:
        return random.choice(
            [
                op.flags("f"),
                op.flags("g"),
                op.equal(op.text("t"), op.text("u")),
                op.equal(op.text("t"), op.words(random.choice(TEXTS))),
                op.absent(op.text("a")),
            ]
        )
    one, other = truth(random, depth - 1), truth(random, depth - 1)
    left, right = whole(random, depth - 1), whole(random, depth - 1)
    match random.choice(("both", "either", "negation", "equal", "less", "at_most", "filled", "same")):
        case "negation":
            return op.negation(one)
        case "filled":
            return op.filled(op.flags("f"))
        case "same":
            return op.equal(one, other)
        case "both" | "either" as name:
            return op.both(one, other) if name == "both" else op.either(one, other)
        case name:
            made: Term = getattr(op, name)(left, right)
            return made


def session_of(engine: Engine) -> Iterator[Session]:
    module = engine_of(engine)
    session = module._Session(module._database().cursor() if engine == "duckdb" else module.started("local[2]"))
    yield session
    session.forget()


@pytest.mark.parametrize("engine", ENGINES)
def test_each_operation_means_the_same_in_sql_as_in_polars(engine: Engine) -> None:
    random = Random(7)
    terms = [make(random, depth) for depth in (1, 2, 3) for _ in range(60) for make in (whole, truth)]
    frame = rows(random)
    for session in session_of(engine):
        held = [one for one in terms if not one.known and not doubtful(one, BITS)]
        held = [one for one in held if session.dialect.divides_wide or not divides_wide(one)]
        assert len(held) > 150 and {one.op for one in held} >= {"floor_divide", "choose", "and", "equal", "multiply"}
        ours = frame.select(rendered(one).alias(f"x{at}") for at, one in enumerate(held))
        text = session.dialect.text
        said = [f"CAST({in_sql(one, session.dialect)} AS {text}) AS x{at}" for at, one in enumerate(held)]
        theirs = session.ask(f"SELECT {', '.join(said)} FROM {session.hand(frame)} r ORDER BY place")
        for at, one in enumerate(held):
            shown = ours[f"x{at}"].cast(pl.String).to_list()
            assert theirs[f"x{at}"].to_list() == shown, (in_sql(one, session.dialect), one)
