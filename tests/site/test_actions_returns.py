"""Monthly returns: a draft costs nothing, a filed version stays, and whatever is wrong is said all at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

import pytest
from django.core.exceptions import PermissionDenied

from answerable.site import clock
from answerable.site.actions import returns, units
from answerable.site.actions.returns import read_figures
from answerable.site.models import Entry, ReturnDraft, ReturnVersion
from answerable.site.reads.programmes import get_in_force
from answerable.site.reads.returns import Figure, get_return
from answerable.values import Month, Text
from answerable.values.issue import Refused
from tests.door import refused
from tests.world import FORM, World, typed, values

Figures = Mapping[str, str | int]


def submit(world: World, unit: str = "E01", period: str = "2025-12", figures: Figures | None = None) -> None:
    specialist = world.people.of_unit(unit, "specialist")
    returns.submit(by=specialist, unit=unit, form=FORM, period=period, values=figures or values())


def stored(unit: str, period: str, version: int = 1) -> dict[str, dict[str, int | str | None]]:
    row = ReturnVersion.objects.get(unit_code=unit, period=period, version=version)
    figures: dict[str, dict[str, int | str | None]] = json.loads(row.values)
    return figures


def test_what_is_typed_in_yuan_is_stored_in_fen(world: World) -> None:
    submit(world, figures=typed(entitled_amount="12,000.5", paid_amount="１２０００", paid_on_time_amount="0"))
    assert stored("E01", "2025-12")["entitled_amount"] == {"state": "", "value": 1_200_050}
    assert stored("E01", "2025-12")["paid_amount"] == {"state": "", "value": 1_200_000}
    assert stored("E01", "2025-12")["paid_on_time_amount"] == {"state": "", "value": 0}


def test_a_whole_number_is_stored_as_it_is(world: World) -> None:
    submit(world, figures=values(entitled_amount=1_200_050))
    assert stored("E01", "2025-12")["entitled_amount"]["value"] == 1_200_050


def test_zero_missing_and_not_applicable_are_three_things(world: World) -> None:
    figures = values(complaints_due=0, complaints_answered=0)
    del figures["contacts_due"], figures["contacts_made"]
    states = {"contacts_due": "not_applicable", "contacts_made": "not_applicable"}
    specialist = world.people.of_unit("E01", "specialist")
    returns.submit(by=specialist, unit="E01", form=FORM, period="2025-12", values=figures, states=states)
    assert stored("E01", "2025-12")["complaints_due"] == {"state": "", "value": 0}
    assert stored("E01", "2025-12")["contacts_due"] == {"state": "not_applicable", "value": None}


def test_a_return_is_received_at_the_moment_it_is_filed(world: World) -> None:
    submit(world)
    assert ReturnVersion.objects.get(unit_code="E01").received_at == clock.now()


def test_a_return_filed_twice_is_refused(world: World) -> None:
    with refused("site.return_exists"):
        submit(world, "C01", "2025-12")


def test_nobody_files_for_a_unit_that_is_in_no_register(world: World) -> None:
    for person in (world.people.specialist, world.people.office):
        with pytest.raises(PermissionDenied):
            returns.submit(by=person, unit="X99", form=FORM, period="2025-12", values=values())


@pytest.mark.parametrize("period", ["2025-13", "2025-00", "", "December", "2025-1"])
def test_a_month_that_does_not_exist_is_refused(world: World, period: str) -> None:
    with refused("site.unknown_month"):
        submit(world, period=period)


def test_a_month_to_come_is_refused(world: World) -> None:
    with refused("site.month_to_come"):
        submit(world, period="2026-02")


def test_a_month_no_programme_covers_is_refused(world: World) -> None:
    with refused("site.no_programme"):
        submit(world, period="2024-12")


def test_a_form_the_programme_does_not_have_is_refused(world: World) -> None:
    specialist = world.people.specialist
    with refused("site.unknown_form"):
        returns.submit(by=specialist, unit="C01", form="weekly", period="2025-12", values=values())


def test_a_unit_that_need_not_file_is_refused(world: World) -> None:
    entered = units.UnitEntered("E01", Text(zh="纺织企业", en="Textile Enterprise"), "enterprise", forms=[])
    units.register(by=world.people.office, units=[entered], valid_from=date(2026, 1, 2))
    with refused("site.return_not_required"):
        submit(world)


def test_a_month_before_the_unit_opened_is_refused(world: World) -> None:
    name = Text(zh="纺织企业", en="Textile Enterprise")
    entered = units.UnitEntered("E01", name, "enterprise", forms=[FORM], opened=date(2025, 12, 2))
    units.register(by=world.people.office, units=[entered], valid_from=date(2026, 1, 2))
    with refused("site.return_not_required"):
        submit(world)


def test_every_faulty_field_is_named_at_once(world: World) -> None:
    figures = typed(requests="many", vacant_days="32", board_columns="0", leader_in_post="2", education_held="1.5")
    with refused(
        "site.field_not_flag",
        "site.field_above",
        "site.field_not_number",
        "site.field_decimals",
        "site.field_below",
    ):
        submit(world, figures=figures)


def test_an_issue_names_its_field_in_both_languages(world: World) -> None:
    with pytest.raises(Refused) as caught:
        submit(world, figures=typed(requests="many"))
    (issue,) = caught.value.issues
    assert issue.place.cell == "requests"
    assert issue.says("zh") == "“本月应办结的服务事项件数”：many 不是数字。"
    assert issue.says("en") == "“Service requests to be settled this month”: many is not a number."


def test_a_blank_that_is_required_and_a_field_nobody_asked_for_are_refused(world: World) -> None:
    with refused("site.field_unknown", "site.field_required"):
        submit(world, figures={**typed(requests=""), "births": "3"})


def test_a_number_and_a_reason_for_having_none_exclude_each_other(world: World) -> None:
    specialist = world.people.of_unit("E01", "specialist")
    states = {"requests": "not_applicable", "complaints_due": "forgotten", "vacant_days": "missing"}
    figures = typed(complaints_due="", vacant_days="")
    with refused("site.field_required", "site.field_both", "site.field_state_unknown"):
        returns.submit(by=specialist, unit="E01", form=FORM, period="2025-12", values=figures, states=states)


@pytest.mark.parametrize("text", ["1e5", "12%", "0x10", "٣ مليون", "--1", "1 2 3 x", "9" * 17, "∞", "NaN"])
def test_text_that_is_no_number_is_never_guessed(world: World, text: str) -> None:
    with pytest.raises(Refused):
        submit(world, figures=typed(requests=text))


def test_a_hard_check_refuses_and_says_why(world: World) -> None:
    with pytest.raises(Refused) as caught:
        submit(world, figures=values(requests_done=41))
    assert [issue.code for issue in caught.value.issues] == ["site.check_failed"]
    assert "No more requests can be settled than were made." in caught.value.issues[0].says("en")


def test_a_soft_check_does_not_stop_a_return(world: World) -> None:
    figures = values(contacts_made=5)
    submit(world, figures=figures)
    programme = get_in_force(2025)
    assert programme
    form = programme.form(FORM)
    soft = returns.check_issues(form, read_figures(form, figures, {}), "soft")
    assert [issue.place.cell for issue in soft] == ["contacts_as_planned"]


def test_a_draft_is_kept_as_typed_and_leaves_no_entry(world: World) -> None:
    entries, specialist = Entry.objects.count(), world.people.of_unit("E01", "specialist")
    for text in ("4o", "40"):
        returns.save_draft(by=specialist, unit="E01", form=FORM, period="2025-12", values={"requests": text}, states={})
    found = get_return("E01", FORM, Month(2025, 12))
    assert found and found.draft and found.draft.values == {"requests": "40"}
    assert (Entry.objects.count(), ReturnDraft.objects.count()) == (entries, 1)


def test_a_draft_is_gone_once_the_return_is_filed(world: World) -> None:
    specialist = world.people.of_unit("E01", "specialist")
    returns.save_draft(by=specialist, unit="E01", form=FORM, period="2025-12", values={"requests": "40"}, states={})
    submit(world)
    assert not ReturnDraft.objects.exists()


def test_a_revision_is_a_new_version_and_the_old_one_stays(world: World) -> None:
    returns.revise(
        by=world.people.specialist,
        unit="C01",
        form=FORM,
        period="2025-12",
        values=values(requests=41),
        reason="One more.",
    )
    assert stored("C01", "2025-12", 1)["requests"]["value"] == 40
    assert stored("C01", "2025-12", 2)["requests"]["value"] == 41
    assert ReturnVersion.objects.get(unit_code="C01", period="2025-12", version=2).reason == "One more."


def test_a_revision_needs_a_return_and_a_change(world: World) -> None:
    asked = {"form": FORM, "period": "2025-12", "values": values(), "reason": "To be safe."}
    with refused("site.return_unchanged"):
        returns.revise(by=world.people.specialist, unit="C01", **asked)  # type: ignore[arg-type]
    with refused("site.return_absent"):
        returns.revise(by=world.people.of_unit("E01", "specialist"), unit="E01", **asked)  # type: ignore[arg-type]


def test_being_on_time_is_a_matter_of_the_first_version(world: World) -> None:
    with clock.at(datetime(2026, 1, 5, 23, 59, 59)):
        submit(world)
    returns.revise(
        by=world.people.of_unit("E01", "specialist"),
        unit="E01",
        form=FORM,
        period="2025-12",
        values=values(requests=41),
        reason="One more.",
    )
    found = get_return("E01", FORM, Month(2025, 12))
    assert found and found.state == "on_time"
    assert [filed.is_on_time for filed in found.versions] == [True, False]


def test_the_first_second_of_the_day_after_is_late(world: World) -> None:
    with clock.at(datetime(2026, 1, 6, 0, 0, 0)):
        submit(world)
    found = get_return("E01", FORM, Month(2025, 12))
    assert found and found.state == "late"


def test_a_blank_is_zero_only_where_the_form_says_so(world: World) -> None:
    programme = get_in_force(2025)
    assert programme
    form = programme.form(FORM)
    fields = tuple(replace(field, blank="zero", required=False) for field in form.fields)
    lenient = replace(form, fields=fields, checks=())
    assert read_figures(lenient, {}, {})["requests"] == Figure(0)
    open_ = replace(form, fields=tuple(replace(field, required=False) for field in form.fields), checks=())
    assert read_figures(open_, {}, {})["requests"] == Figure(None, "missing")
