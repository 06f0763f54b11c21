"""The gathering of a plan as SQL text, for engines that take it: DuckDB, and Spark for a country on a cluster.

Rows of billions of values become a few whole numbers per unit there; what follows (indicators, points, grades, places)
is done by the sheet of the engine of columns, so that it exists once. A figure that an engine cannot hold exactly is
never rounded or wrapped: its rows are added up in Python's own integers, as in the engine of columns.

    dialect       how two engines write the same thing, and what each can hold
    terms         operations -> SQL
    sources       tables of any kind -> FROM
    rows          tables -> rows formulas read
    statements    rows -> figures per unit, one statement per table
"""
