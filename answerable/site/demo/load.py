"""Work a planned year into the site, event by event, through the actions and at the planned moments. No other way in.

Numbers of visits, findings and corrections are given by the site; that they are those of the plan is asserted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import get_hasher
from django.contrib.auth.models import AnonymousUser

from answerable.site import clock
from answerable.site.actions import (
    Receipt,
    agreements,
    corrections,
    evidence,
    findings,
    grades,
    notices,
    people,
    programmes,
    returns,
    units,
    visits,
)
from answerable.site.demo import events as happened
from answerable.site.demo.calendar import FOUNDED, PROPOSED
from answerable.site.demo.events import Event, Year
from answerable.site.demo.names import DISTRICT
from answerable.site.demo.papers import letter
from answerable.site.demo.reorganised import reorganise
from answerable.site.permissions import Post
from answerable.values.text import Text

__all__ = ["OFFICES", "load"]

OFFICES = {
    "office1": ("项目办公室一号岗", "office"),
    "office2": ("项目办公室二号岗", "office"),
    "lz01": ("领导小组一号席", "leading_group"),
    "lz02": ("领导小组二号席", "leading_group"),
}
"""Accounts of the district and what they are called; nobody has a name of a person."""

_NEXT = {
    'version: "2025.1"': 'version: "2026.1"',
    "{from: 2025-01-01, until: 2027-01-01}": "{from: 2026-01-01, until: 2028-01-01}",
    "indicator: done_share, rule: {ratio_to_target: 95%}": "indicator: done_share, rule: {ratio_to_target: 98%}",
}
_FORM = "monthly"
_FIRST_DAY = date(2025, 1, 1)


def load(year: Year, programme: str, password: str) -> None:
    """Everything from the first account to the moment the demonstration's clock starts at.

    Args:
        programme: the text of the programme file.
        password: the one password of all accounts.
    """
    with hashed_once():
        office = _Office(password)
        office.open_house(year, programme)
    for event in year.events:
        with clock.at(event.at):
            office.let_happen(event)
    with clock.at(PROPOSED):
        reorganise(office.account("office1"), year)
        office.propose(next_version(programme), "按区里要求，服务事项办结率目标由95%提高到98%，自2026年度起施行。")


def next_version(programme: str) -> str:
    """The programme as it might be from 2026 on: one target is higher.

    Raises:
        ValueError: where the programme no longer says what is to be changed.
    """
    for old, new in _NEXT.items():
        if programme.count(old) != 1:
            raise ValueError(f"the programme does not say once: {old}")
        programme = programme.replace(old, new)
    return programme


@contextmanager
def hashed_once() -> Iterator[None]:
    """A password's hash is slow to compute on purpose; hundreds of accounts of a demonstration share one."""
    hasher, known = get_hasher("default"), dict[str, str]()
    slow = hasher.encode

    def encode(password: str, salt: str, *rest: Any) -> str:
        if password not in known:
            known[password] = slow(password, salt, *rest)
        return known[password]

    hasher.encode = encode  # type: ignore[method-assign]
    try:
        yield
    finally:
        del hasher.encode


class _Office:
    """The one who lets each event happen, in the name of the account it belongs to."""

    def __init__(self, password: str) -> None:
        self.password = password
        self.accounts: dict[str, Any] = {}
        self.run = ""

    # -- the first day ---------------------------------------------------------------------------------------------

    def open_house(self, year: Year, programme: str) -> None:
        """The first two accounts, the programme, the register, everybody else's account and post."""
        with clock.at(FOUNDED):
            name = OFFICES["office1"][0]
            people.found(
                by=AnonymousUser(),
                username="office1",
                display_name=name,
                password=self.password,
                from_day=_FIRST_DAY,
            )
        self._publish(programme)
        with clock.at(FOUNDED + timedelta(minutes=40)):
            entered = [
                units.UnitEntered(unit.code, unit.name, unit.kind, (_FORM,), peer_group=unit.peer_group)
                for unit in year.units
            ]
            units.register(by=self.account("office1"), units=entered, valid_from=_FIRST_DAY)
        self._appoint_everybody(year, FOUNDED + timedelta(hours=1))

    def _publish(self, programme: str) -> None:
        """One proposes, the other publishes: it takes two persons from the first day on."""
        with clock.at(FOUNDED + timedelta(minutes=5)):
            self._appoint("office2", OFFICES["office2"][0], "office")
        with clock.at(FOUNDED + timedelta(minutes=10)):
            number = self.propose(programme, "首次施行的考核方案。")
        with clock.at(FOUNDED + timedelta(minutes=20)):
            reason = "已逐条核对依据和分值，同意发布。"
            programmes.publish(by=self.account("office2"), proposal=number, reason=reason)

    def propose(self, programme: str, reason: str) -> str:
        """Propose a version; gives the number of the proposal."""
        return programmes.propose(by=self.account("office1"), source=programme.encode(), reason=reason).number

    def _appoint_everybody(self, year: Year, at: datetime) -> None:
        with clock.at(at):
            for username, (name, post) in OFFICES.items():
                if username not in ("office1", "office2"):
                    self._appoint(username, name, post)  # type: ignore[arg-type]
            for username in year.inspectors:
                self._appoint(username, f"考核员{username[2:]}号", "inspector")
            for unit in year.units:
                self._appoint(f"zg{unit.code}", f"第{unit.code}号单位专干", "specialist", unit.code)
                self._appoint(f"ld{unit.code}", f"第{unit.code}号单位分管领导", "leader", unit.code)

    def _appoint(self, username: str, name: str, post: Post, unit: str = "") -> None:
        office = self.account("office1")
        people.open_account(by=office, username=username, display_name=name, password=self.password)
        people.appoint(by=office, username=username, post=post, unit=unit, from_day=_FIRST_DAY)

    def account(self, username: str) -> Any:
        """An account by its user name, read once."""
        if username not in self.accounts:
            self.accounts[username] = get_user_model()._default_manager.get(username=username)
        return self.accounts[username]

    # -- what happens ----------------------------------------------------------------------------------------------

    def let_happen(self, event: Event) -> None:
        """Take the action an event stands for; the site gives the number the plan foresaw."""
        receipt = self._let_happen(event)
        foreseen = getattr(event, "number", receipt.number)
        assert receipt.number == foreseen, f"{event} was given the number {receipt.number}"

    def _let_happen(self, event: Event) -> Receipt:
        match event:
            case happened.AgreementIssued(_, unit, year):
                return agreements.issue(by=self.account("office1"), unit=unit, year=year)
            case happened.AgreementSigned(_, unit, year, side):
                signer = f"ld{unit}" if side == "unit" else "office2"
                return agreements.sign(by=self.account(signer), agreement=f"{year}-{unit}-1", side=side)
            case happened.ReturnFiled():
                return self._file(event)
            case happened.VisitsDrawn(_, year, _, seed, sizes):
                return visits.draw(by=self.account("office1"), year=year, seed=seed, sizes=sizes)
            case happened.VisitAssigned() | happened.VisitRecorded():
                return self._visit(event)
            case happened.FindingRaised() | happened.FindingAnswered() | happened.FindingDecided():
                return self._find(event)
            case happened.YearScored() | happened.GradesConfirmed() | happened.BulletinPublished():
                return self._conclude(event)
            case _:
                return self._correct(event)

    def _file(self, event: happened.ReturnFiled) -> Receipt:
        by = self.account(f"zg{event.unit}")
        figures = {name: figure for name, figure in event.figures.items() if figure is not None}
        states = {name: "not_applicable" for name, figure in event.figures.items() if figure is None}
        asked: dict[str, Any] = {"unit": event.unit, "form": _FORM, "period": event.period}
        if event.version == 1:
            return returns.submit(by=by, **asked, values=figures, states=states)
        return returns.revise(by=by, **asked, values=figures, states=states, reason=event.reason)

    def _visit(self, event: happened.VisitAssigned | happened.VisitRecorded) -> Receipt:
        if isinstance(event, happened.VisitAssigned):
            return visits.assign(
                by=self.account("office1"),
                unit=event.unit,
                year=event.year,
                inspector=event.inspector,
                planned_on=event.planned_on,
                reason="按抽签结果指派。",
                draw=f"{event.year}-D{event.round}",
            )
        return visits.record(
            by=self.account(event.inspector),
            visit=event.number,
            visited_on=event.visited_on,
            remark=event.remark,
            recounts=[visits.RecountMade(_FORM, one.period, one.field, one.recounted) for one in event.recounts],
            findings=[findings.FindingSeen(one.kind, one.occurrences, one.fact) for one in event.findings],
        )

    def _find(self, event: happened.FindingRaised | happened.FindingAnswered | happened.FindingDecided) -> Receipt:
        match event:
            case happened.FindingRaised(_, unit, year, finding):
                return findings.raise_(
                    by=self.account("office1"),
                    unit=unit,
                    year=year,
                    kind=finding.kind,
                    occurrences=finding.occurrences,
                    fact=finding.fact,
                )
            case happened.FindingAnswered(_, finding, unit, answer, words):
                return findings.answer(by=self.account(f"ld{unit}"), finding=finding, answer=answer, words=words)
            case happened.FindingDecided(_, finding, status, reason):
                return findings.decide(by=self.account("office2"), finding=finding, status=status, reason=reason)

    def _correct(self, event: Event) -> Receipt:
        match event:
            case happened.CorrectionOpened(_, _, finding, unit, year, problem, due_on):
                asked: dict[str, Any] = {"unit": unit, "year": year, "problem": problem, "due_on": due_on}
                return corrections.open_(by=self.account("office1"), finding=finding, **asked)
            case happened.EvidenceFiled(_, number, unit, lines):
                by, content = self.account(f"zg{unit}"), letter(lines)
                return evidence.attach(by=by, correction=number, name="整改情况说明.pdf", content=content)
            case happened.CorrectionSubmitted(_, number, unit, words):
                return corrections.submit(by=self.account(f"zg{unit}"), correction=number, words=words)
            case happened.CorrectionSentBack(_, number, reason):
                return corrections.send_back(by=self.account("office2"), correction=number, reason=reason)
            case happened.CorrectionClosed(_, number, words):
                return corrections.close(by=self.account("office2"), correction=number, words=words)
            case _:
                raise TypeError(f"nothing is known to happen at {event}")

    def _conclude(self, event: happened.YearScored | happened.GradesConfirmed | happened.BulletinPublished) -> Receipt:
        match event:
            case happened.YearScored(_, year):
                receipt = grades.run(by=self.account("office1"), year=year)
                self.run = receipt.number
                return receipt
            case happened.GradesConfirmed(_, _, reason):
                return grades.confirm(by=self.account("lz01"), run=self.run, reason=reason)
            case happened.BulletinPublished(_, year):
                title = Text(
                    zh=f"关于{DISTRICT.zh}{year}年度家庭服务责任目标考核结果的通报",
                    en=f"Bulletin on the family services assessment of {DISTRICT.en}, {year}",
                )
                return notices.publish(by=self.account("office1"), run=self.run, title=title)
