"""The engine of columns: a programme becomes a thin plan, the plan becomes Polars expressions, whole tables at a time.

Nothing here is shared with the judge: rows, absences, arithmetic and rounding are its own, so that a fault shows.

    planner       programme -> plan: typed steps, each with its clause
    plan          the steps
    operations    the closed list of whole-number operations, with bounds
    quantities    exact numbers as pairs of whole numbers; formulas and rounding written out in them
    rendering     operations -> Polars
    reading, registry, rows     tables -> rows formulas read
    gather        rows -> figures per unit, one pass per table
    sheet         exact columns per unit, whatever the size
    marking, placing            figures -> points, totals, grades, places
    results       -> scorecard
    engine        one sheet, or many that meet at barriers
    buckets       a country on disk, sheet by sheet
"""
