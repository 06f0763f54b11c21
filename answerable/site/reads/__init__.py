"""Questions to the database, one file per noun. Answers are frozen values, never querysets; nothing here writes.

`get_` answers with one, `list_` with many, in a number of queries that does not grow with the answer.
"""
