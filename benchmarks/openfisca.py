"""The same year in openfisca-core, the field's engine of rules: 60 monthly inputs, formulas by year.

It works on arrays of all units in memory and in single precision; it knows no places, no reasons for absence and no
exact rounding. The Parquet files are read into it bucket by bucket, as a user would who has to mind memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.district import FIELDS, FORM, PERIOD
from benchmarks.rivals import PLACES, item_points

_YEAR = "2025"


def openfisca_by_year(buckets: Sequence[Path]) -> int:
    """Totals and grades of all units; how many there are."""
    codes, inputs = _read(buckets)
    simulation = _simulation(len(codes))
    for (name, month), cells in inputs.items():
        simulation.set_input(name, month, cells)
    inputs.clear()
    grades = simulation.calculate("grade", _YEAR)
    return len(grades)


def _read(buckets: Sequence[Path]) -> tuple[pl.Series, dict[tuple[str, str], Any]]:
    """The units, and an array for each field and month, a zero where nothing was filed."""
    listed = [pl.scan_parquet(place / "units.parquet").filter(pl.col("kind") == "village") for place in buckets]
    codes = pl.concat(listed).select("unit").collect()["unit"]
    months = [str(month) for month in PERIOD]
    names = (*FIELDS, "filed")
    inputs = {(name, month): np.zeros(len(codes), np.float32) for name in names for month in months}
    begins = 0
    for place, units in zip(buckets, listed, strict=True):
        here = units.select("unit").with_row_index("row").collect()
        rows = pl.scan_parquet(place / f"returns-{FORM}.parquet").select("unit", "period", *FIELDS)
        for (month,), part in rows.collect().join(here, on="unit").group_by("period"):
            at = part["row"].to_numpy() + begins
            for name in FIELDS:
                inputs[name, str(month)][at] = part[name].to_numpy()
            inputs["filed", str(month)][at] = 1
        begins += here.height
    return codes, inputs


def _simulation(count: int) -> Any:
    from openfisca_core.entities import build_entity
    from openfisca_core.simulations import SimulationBuilder
    from openfisca_core.taxbenefitsystems import TaxBenefitSystem

    entity = build_entity(key="unit", plural="units", label="unit", is_person=True)
    system = TaxBenefitSystem([entity])
    for variable in _variables(entity):
        system.add_variable(variable)
    return SimulationBuilder().build_default_simulation(system, count=count)


def _variables(entity: Any) -> list[Any]:
    from openfisca_core.periods import DateUnit
    from openfisca_core.populations import ADD
    from openfisca_core.variables import Variable

    def variable(name: str, unit: Any, formula: Any = None, value_type: type = float) -> Any:
        said = {"value_type": value_type, "entity": entity, "definition_period": unit, "label": name}
        return type(name, (Variable,), {**said, **({"formula": formula} if formula else {})})

    def item(at: int) -> Any:
        def formula(units: Any, period: Any, _: Any) -> Any:
            done = units(f"done_{at:02d}", period, options=[ADD])
            share = done / units(f"due_{at:02d}", period, options=[ADD])
            return np.round(item_points(share, at, np.where, np.clip), 2)

        return formula

    def total(units: Any, period: Any, _: Any) -> Any:
        silent = 12 - units("filed", period, options=[ADD])
        points = sum(units(f"item_{at:02d}", period) for at in PLACES)
        return np.round(np.clip(points - np.minimum(silent * 0.5, 3), 0, 99), 2)

    def grade(units: Any, period: Any, _: Any) -> Any:
        reached = units("total", period)
        return np.where(reached >= 90, 2, np.where(reached >= 75, 1, 0))

    return [
        *(variable(name, DateUnit.MONTH) for name in (*FIELDS, "filed")),
        *(variable(f"item_{at:02d}", DateUnit.YEAR, item(at)) for at in PLACES),
        variable("total", DateUnit.YEAR, total),
        variable("grade", DateUnit.YEAR, grade, int),
    ]
