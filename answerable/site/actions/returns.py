"""Keep a draft of a monthly return, submit it, revise it. A filed version is never changed."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from fractions import Fraction

from django.utils.timezone import localtime

from answerable.definition import Form, Programme
from answerable.definition.model import Field
from answerable.scoring import failing_checks
from answerable.site import clock
from answerable.site.actions import Done, action, add, refuse
from answerable.site.models import ReturnDraft, ReturnVersion
from answerable.site.reads.posts import Asker, get_holder
from answerable.site.reads.programmes import get_in_force
from answerable.site.reads.returns import Figure, Return, get_return
from answerable.site.reads.units import Unit, get_unit
from answerable.values.canonical import canonical_json
from answerable.values.issue import Issue, Place, Refused
from answerable.values.number import parse_fraction, text_of
from answerable.values.period import Month
from answerable.values.table import Absence

Typed = Mapping[str, str | int]
"""By field: text as people type it (money in yuan), or the whole number that is stored (money in fen)."""

States = Mapping[str, str]
"""By field: `missing`, `not_applicable` or `suppressed`, where the unit says why there is no number."""

MOST_COUNTED = 10**15
"""No figure of a unit comes near it: whoever types more has slipped."""

_PUNCTUATION = str.maketrans("", "", ", \u00a0元¥")


@action(permission="returns.file", kind=None)
def save_draft(
    *, by: Asker, unit: str, form: str, period: str, values: Mapping[str, str], states: States, over: str | None = None
) -> Done:
    """Keep what was typed, checked or not. A draft is nobody's fact and leaves no entry.

    `over` is the mark of the draft that stood in the form when typing began, "" for none: one that was kept since then
    is not written over. Without it, what is kept now holds.
    """
    asked = _asked(unit, form, period)
    refuse(*draft_overtaken(asked, over, values, states))
    ReturnDraft.objects.update_or_create(
        unit_code=unit,
        form=form,
        period=period,
        defaults={
            "values": canonical_json({"values": dict(values), "states": dict(states)}).decode(),
            "saved_by": get_holder(by).username,
            "saved_at": clock.now(),
        },
    )
    return Done()


@action(permission="returns.file", kind="return.submitted")
def submit(*, by: Asker, unit: str, form: str, period: str, values: Typed, states: States | None = None) -> Done:
    """File the return of a month: its first version, received now."""
    asked = _asked(unit, form, period)
    if asked.latest:
        facts = {"unit": unit, "period": period, "version": str(asked.latest.version)}
        refuse(Issue("site.return_exists", Place(row=unit), facts))
    return _file(by, asked, read_figures(asked.form, values, states or {}), version=1, reason="")


@action(permission="returns.file", kind="return.revised")
def revise(
    *, by: Asker, unit: str, form: str, period: str, values: Typed, states: States | None = None, reason: str
) -> Done:
    """File a further version, with the reason why the one before was wrong."""
    asked = _asked(unit, form, period)
    figures = read_figures(asked.form, values, states or {})
    facts = {"unit": unit, "period": period}
    if asked.latest is None:
        raise Refused([Issue("site.return_absent", Place(row=unit), facts)])
    refuse(Issue("site.return_unchanged", Place(row=unit), facts) if figures == asked.latest.figures else None)
    return _file(by, asked, figures, version=asked.latest.version + 1, reason=reason.strip())


def draft_overtaken(asked: Return, over: str | None, values: Mapping[str, str], states: States) -> Iterator[Issue]:
    """That another draft was kept since the form was opened, unless it says the same."""
    draft = asked.draft
    if over is None or draft is None or draft.mark == over:
        return
    if _said(draft.values, draft.states) != _said(values, states):
        facts = {"who": draft.saved_by_name, "at": f"{localtime(draft.saved_at):%H:%M}"}
        yield Issue("site.draft_overtaken", Place(row=asked.unit.code), facts)


def _said(values: Mapping[str, str], states: States) -> tuple[dict[str, str], dict[str, str]]:
    return {name: one for name, one in values.items() if one}, {name: one for name, one in states.items() if one}


def _file(by: Asker, asked: Return, figures: Mapping[str, Figure], version: int, reason: str) -> Done:
    unit, form, period = asked.unit.code, asked.form.id, str(asked.month)
    row = add(
        ReturnVersion,
        unit_code=unit,
        form=form,
        period=period,
        version=version,
        values=_as_json(figures),
        received_at=clock.now(),
        filed_by=get_holder(by).username,
        reason=reason,
    )
    if asked.draft:
        ReturnDraft.objects.filter(unit_code=unit, form=form, period=period).delete()
    return Done((row,), number=f"{unit} {form} {period} {version}")


def _as_json(figures: Mapping[str, Figure]) -> str:
    cells = {name: {"value": figure.value, "state": figure.state} for name, figure in figures.items()}
    return canonical_json(cells).decode()


def _asked(unit: str, form: str, period: str) -> Return:
    """The return that is asked of a unit for a month, or every reason why none is."""
    try:
        month = Month.parse(period)
    except ValueError:
        raise Refused([Issue("site.unknown_month", Place(cell=period), {"period": period})]) from None
    programme, registered = get_in_force(month.year), get_unit(unit)
    refuse(*_why_not(programme, registered, unit, form, month))
    found = get_return(unit, form, month)
    assert found, "checked above"
    return found


def _why_not(
    programme: Programme | None, registered: Unit | None, unit: str, form: str, month: Month
) -> Iterator[Issue]:
    facts = {"unit": unit, "form": form, "period": str(month)}
    if registered is None:
        yield Issue("site.unknown_unit", Place(row=unit), facts)
    if programme is None:
        yield Issue("site.no_programme", facts={"year": str(month.year)})
    elif form not in {one.id for one in programme.forms}:
        yield Issue("site.unknown_form", facts=facts)
    elif registered and (form not in registered.forms or not registered.is_open_in(month)):
        yield Issue("site.return_not_required", Place(row=unit), facts)
    if month > Month.of(clock.today()):
        yield Issue("site.month_to_come", Place(cell=str(month)), facts)


def read_figures(form: Form, values: Typed, states: States) -> dict[str, Figure]:
    """What was typed, as figures of the form, one per field.

    Raises:
        Refused: with every issue of every field, then every hard check that fails.
    """
    issues = [
        Issue("site.field_unknown", Place(cell=name), {"field": name, "form": form.id})
        for name in sorted({*values, *states} - {field.id for field in form.fields})
    ]
    figures: dict[str, Figure] = {}
    for field in form.fields:
        try:
            figures[field.id] = _figure(field, values.get(field.id, ""), states.get(field.id, ""))
        except Refused as refused:
            issues += refused.issues
    refuse(*issues)
    refuse(*(issue for issue in check_issues(form, figures, "hard")))
    return figures


def look_over(form: Form, values: Typed, states: States) -> tuple[list[Issue], list[Issue]]:
    """What is wrong with a form half filled in, hard and soft: of a field still empty nothing is said."""
    hard: list[Issue] = []
    figures = {field.id: Figure(None, Absence.MISSING.value) for field in form.fields}
    for field in form.fields:
        try:
            figures[field.id] = _figure(field, values.get(field.id, ""), states.get(field.id, ""))
        except Refused as refused:
            hard += (issue for issue in refused.issues if issue.code != "site.field_required")
    return [*hard, *check_issues(form, figures, "hard")], check_issues(form, figures, "soft")


def check_issues(form: Form, figures: Mapping[str, Figure], severity: str) -> list[Issue]:
    """The checks of one severity that these figures fail: `hard` refuses a return, `soft` asks to look again."""
    values = {field.id: _value(field, figures[field.id]) for field in form.fields}
    return [
        Issue("site.check_failed", Place(cell=check.id), {"says_zh": check.says.zh, "says_en": check.says.en})
        for check in failing_checks(form, values)
        if check.severity == severity
    ]


def _value(field: Field, figure: Figure) -> Fraction | bool | Absence:
    if figure.value is None:
        return Absence(figure.state)
    return bool(figure.value) if field.measure == "flag" else Fraction(figure.value, 10**field.decimals)


def _figure(field: Field, typed: str | int, state: str) -> Figure:
    facts = {"field_zh": field.title.zh, "field_en": field.title.en, "typed": str(typed)}
    blank = isinstance(typed, str) and not typed.strip()
    if state:
        if not blank:
            raise _field_refused("site.field_both", field, facts)
        if state not in set(Absence):
            raise _field_refused("site.field_state_unknown", field, facts | {"state": state})
        if state == Absence.MISSING and field.required:
            raise _field_refused("site.field_required", field, facts)
        return Figure(None, state)
    if blank:
        if field.blank == "zero":
            return Figure(0)
        if field.required:
            raise _field_refused("site.field_required", field, facts)
        return Figure(None, Absence.MISSING.value)
    return Figure(_whole(field, typed, facts))


def _whole(field: Field, typed: str | int, facts: dict[str, str]) -> int:
    value = typed if isinstance(typed, int) else _number(field, typed, facts)
    exact = Fraction(value, 10**field.decimals)
    if field.measure == "flag" and value not in (0, 1):
        raise _field_refused("site.field_not_flag", field, facts)
    if exact < (0 if field.minimum is None else field.minimum):
        raise _field_refused("site.field_below", field, facts | {"least": _bound(field, field.minimum)})
    if field.maximum is not None and exact > field.maximum:
        raise _field_refused("site.field_above", field, facts | {"most": _bound(field, field.maximum)})
    return value


def _number(field: Field, typed: str, facts: dict[str, str]) -> int:
    decimals = 2 if field.measure == "money" else field.decimals
    plain = unicodedata.normalize("NFKC", typed).translate(_PUNCTUATION)
    try:
        if "%" in plain:
            raise ValueError(plain)
        scaled = parse_fraction(plain) * 10**decimals
    except ValueError:
        raise _field_refused("site.field_not_number", field, facts) from None
    if scaled.denominator != 1:
        raise _field_refused("site.field_decimals", field, facts | {"decimals": str(decimals)})
    if abs(scaled) >= MOST_COUNTED:
        raise _field_refused("site.field_too_long", field, facts)
    return int(scaled)


def _bound(field: Field, bound: Fraction | None) -> str:
    """A bound as people read it: money in yuan."""
    return text_of((bound or Fraction(0)) / (100 if field.measure == "money" else 1))


def _field_refused(code: str, field: Field, facts: dict[str, str]) -> Refused:
    return Refused([Issue(code, Place(cell=field.id), facts)])
