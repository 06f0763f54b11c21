"""A folder of CSV or Parquet files <-> the tables a programme is scored on. docs/tables.md describes the files.

Every fault of every file is found at once, each with file, line or row, and what to do; nothing is guessed, and the
files stay as they are. Inside, decimals are scaled integers and an absent cell has its state beside it.

    folder   which files there are; reading and writing all of them
    files    one file -> text cells and the lines they stand on
    cells    text cells -> typed cells
    rows     what must hold between rows and between tables
    buckets  a folder of such folders, each of some units
    late_rows   rows that came late, put into their buckets
    parts    tables of a scorecard left in parts -> files
"""

from answerable.exchange.tables.buckets import in_buckets, read_bucket_of, read_buckets, split_tables
from answerable.exchange.tables.folder import read_tables, write_tables

__all__ = ["in_buckets", "read_bucket_of", "read_buckets", "read_tables", "split_tables", "write_tables"]
