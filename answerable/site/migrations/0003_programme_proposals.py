"""Proposals of a programme and what became of them: append-only from the first row on, as every table of facts."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

import answerable.site.models.moments

TABLES = ("programme_proposal", "programme_decision")

SQLITE = """
CREATE TRIGGER answerable_{table}_no_{verb} BEFORE {verb} ON answerable_{table}
BEGIN SELECT RAISE(ABORT, 'answerable_{table} is append-only: a change is a new row'); END
"""

# The function is that of 0002.
POSTGRESQL = """
CREATE TRIGGER answerable_{table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON answerable_{table}
FOR EACH STATEMENT EXECUTE FUNCTION answerable_refuse()
"""


def guard(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        statements = [POSTGRESQL.format(table=table) for table in TABLES]
    else:
        statements = [SQLITE.format(table=table, verb=verb) for table in TABLES for verb in ("UPDATE", "DELETE")]
    for statement in statements:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = (("answerable", "0002_append_only"),)
    operations = (
        migrations.CreateModel(
            name="ProgrammeProposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=40, unique=True)),
                ("code", models.CharField(max_length=40)),
                ("version", models.CharField(max_length=40)),
                ("source", models.TextField()),
                ("digest", models.CharField(max_length=64)),
                ("reason", models.TextField(blank=True)),
                ("proposed_by", models.CharField(max_length=40)),
                ("proposed_at", answerable.site.models.moments.MomentField()),
            ],
            options={"db_table": "answerable_programme_proposal"},
        ),
        migrations.CreateModel(
            name="ProgrammeDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "proposal",
                    models.ForeignKey(
                        db_column="proposal",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="answerable.programmeproposal",
                        to_field="number",
                    ),
                ),
                ("decision", models.CharField(max_length=40)),
                ("reason", models.TextField(blank=True)),
                ("decided_by", models.CharField(max_length=40)),
                ("decided_at", answerable.site.models.moments.MomentField()),
            ],
            options={
                "db_table": "answerable_programme_decision",
                "constraints": [
                    models.UniqueConstraint(fields=("proposal",), name="programme_decision_key"),
                    models.CheckConstraint(
                        condition=models.Q(("decision__in", ["published", "refused", "withdrawn"])),
                        name="programme_decision_decision_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decision", "withdrawn"), models.Q(("reason", ""), _negated=True), _connector="OR"
                        ),
                        name="programme_decision_has_reason",
                    ),
                ],
            },
        ),
        migrations.RunPython(guard),
    )
