"""The codes of units and the events that change the register: append-only from the first row on."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

import answerable.site.models.moments

TABLES = ("unit_identity", "unit_event", "unit_event_part", "unit_event_state")

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
    dependencies = (("answerable", "0003_programme_proposals"),)

    operations = (
        migrations.CreateModel(
            name="UnitEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=40, unique=True)),
                ("kind", models.CharField(max_length=40)),
                ("on_day", models.DateField()),
                ("basis", models.TextField()),
                ("reason", models.TextField()),
                ("undoes", models.CharField(blank=True, max_length=40)),
                ("recorded_by", models.CharField(max_length=40)),
                ("recorded_at", answerable.site.models.moments.MomentField()),
            ],
            options={
                "db_table": "answerable_unit_event",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                ["founded", "renamed", "moved", "merged", "split", "dissolved", "reopened", "undone"],
                            )
                        ),
                        name="unit_event_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(models.Q(("kind", "undone")), models.Q(("undoes", ""), _negated=True)),
                            models.Q(models.Q(("kind", "undone"), _negated=True), ("undoes", "")),
                            _connector="OR",
                        ),
                        name="unit_event_undoes_an_event",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="unit_event_has_reason"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UnitIdentity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("unit_code", models.CharField(max_length=40)),
                ("valid_from", models.DateField()),
                ("turn", models.IntegerField()),
                ("division_code", models.CharField(blank=True, max_length=40)),
                ("credit_code", models.CharField(blank=True, max_length=40)),
                ("contact_post", models.CharField(blank=True, max_length=120)),
            ],
            options={
                "db_table": "answerable_unit_identity",
                "constraints": [
                    models.UniqueConstraint(fields=("unit_code", "valid_from", "turn"), name="unit_identity_key"),
                    models.CheckConstraint(condition=models.Q(("turn__gte", 1)), name="unit_identity_turn_at_least_1"),
                ],
            },
        ),
        migrations.CreateModel(
            name="UnitEventPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.CharField(max_length=40)),
                ("unit_code", models.CharField(max_length=40)),
                ("share", models.IntegerField()),
                (
                    "event",
                    models.ForeignKey(
                        db_column="event",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="answerable.unitevent",
                        to_field="number",
                    ),
                ),
            ],
            options={
                "db_table": "answerable_unit_event_part",
                "constraints": [
                    models.UniqueConstraint(fields=("event", "role", "unit_code"), name="unit_event_part_key"),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["before", "after"])), name="unit_event_part_role_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("share__gte", 1)), name="unit_event_part_share_at_least_1"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UnitEventState",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("unit_code", models.CharField(max_length=40)),
                ("name_zh", models.CharField(max_length=120)),
                ("name_en", models.CharField(max_length=120)),
                ("kind", models.CharField(max_length=40)),
                ("parent_code", models.CharField(blank=True, max_length=40)),
                ("peer_group", models.CharField(blank=True, max_length=40)),
                ("forms", models.TextField(blank=True)),
                ("opened", models.DateField(null=True)),
                ("closed", models.DateField(null=True)),
                (
                    "event",
                    models.ForeignKey(
                        db_column="event",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="answerable.unitevent",
                        to_field="number",
                    ),
                ),
            ],
            options={
                "db_table": "answerable_unit_event_state",
                "constraints": [models.UniqueConstraint(fields=("event", "unit_code"), name="unit_event_state_key")],
            },
        ),
        migrations.RunPython(guard),
    )
