"""Answerable (责任台): accountability for public service programmes.

The map, bottom to top. Every arrow goes down; import-linter and tests/house hold this page to the tree.

    values        words every room speaks: issue, text, period, number, table, canonical bytes. Standard library only
    definition    YAML -> a checked, frozen Programme
    scoring       Programme + tables -> scorecard. Pure: no clock, no network, no database
    integrity     draws and signals: leads for people, never grades. Pure, seeded, reproducible
    ledger        what happened, in order, for ever: entries, hash tree, holdings. Pure
    exchange      files and foreign systems <-> tables and documents. One file each, one library each
    site          the only room with Django: models, reads, actions, views, templates; one file per noun
    programmes    data, no Python: programme.yaml, worked cases, sources

    values <- definition <- {scoring, integrity, ledger} <- exchange <- site <- __main__
"""

__version__ = "0.1.0"
