"""The only room with Django: one app, one migration history, one door for writes.

A grid: nouns down (programmes, units, returns, visits, ...), layers across. `models` hold tables and constraints,
`reads` answer questions with frozen values, `actions` are the only writes, `views` and `templates` show pages.
"""
