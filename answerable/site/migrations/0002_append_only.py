"""Facts and the ledger are only ever added to: the database refuses UPDATE and DELETE on every one of their tables.

A guard against mistakes and against our own code, not a proof: whoever owns the database can drop a trigger. The proof is
the ledger's hash tree. SQLite drops the triggers of a table it rebuilds: a later migration that alters one of these
tables must make them again (a test looks at every table).
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

TABLES = (
    "agreement_signature",
    "agreement_version",
    "appointment",
    "correction",
    "correction_step",
    "draw",
    "entry",
    "evidence",
    "finding",
    "finding_answer",
    "finding_decision",
    "grade",
    "grade_confirmation",
    "notice",
    "programme_version",
    "recount",
    "return_version",
    "score_run",
    "unit_version",
    "visit",
    "visit_record",
)

SQLITE = """
CREATE TRIGGER answerable_{table}_no_{verb} BEFORE {verb} ON answerable_{table}
BEGIN SELECT RAISE(ABORT, 'answerable_{table} is append-only: a change is a new row'); END
"""

POSTGRESQL_FUNCTION = """
CREATE FUNCTION answerable_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only: a change is a new row', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$
"""

POSTGRESQL = """
CREATE TRIGGER answerable_{table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON answerable_{table}
FOR EACH STATEMENT EXECUTE FUNCTION answerable_refuse()
"""


def guard(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL_FUNCTION.replace("%", "%%"), ())
        statements = [POSTGRESQL.format(table=table) for table in TABLES]
    else:
        statements = [SQLITE.format(table=table, verb=verb) for table in TABLES for verb in ("UPDATE", "DELETE")]
    for statement in statements:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = (("answerable", "0001_tables"),)
    operations = (migrations.RunPython(guard),)
