"""One unit's year: its agreement, its returns, and what follows when an inspector comes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from answerable.site.demo import calendar as days
from answerable.site.demo import events as happened
from answerable.site.demo.behaviour import Profile, misreported, true_figures
from answerable.site.demo.chance import Chance
from answerable.site.demo.events import Event, Figures, Finding, Recount
from answerable.values.period import Month

__all__ = ["UnitYear", "VisitPlanned"]


@dataclass(frozen=True)
class _Gap:
    """What an inspector may see: that a part stayed below its whole; how likely, and the fact as stated."""

    kind: str
    part: str
    whole: str
    likely: float
    fact: str


_PAID = "{month}应发待遇{whole}元，实发{part}元，差额未补发。"
_BOARD = "{month}公开栏应更新{whole}个栏目，只更新{part}个。"
_CONTACTS = "{month}特殊家庭应联系{whole}次，记录只有{part}次。"
_OPEN = "{month}托育点、母婴室应开放{whole}天，实际{part}天。"
_MIGRANTS = "{month}流动人口事项应办结{whole}件，按期办结{part}件。"
_GAPS = (
    _Gap("benefit_withheld", "paid_amount", "entitled_amount", 0.7, _PAID),
    _Gap("board_outdated", "board_columns_renewed", "board_columns", 0.6, _BOARD),
    _Gap("contact_not_made", "contacts_made", "contacts_due", 0.5, _CONTACTS),
    _Gap("place_closed", "childcare_days_open", "childcare_days_due", 0.5, _OPEN),
    _Gap("service_refused", "migrant_requests_done", "migrant_requests", 0.15, _MIGRANTS),
)


@dataclass(frozen=True)
class VisitPlanned:
    """A visit to come: its provisional key, its moment, and who makes it."""

    key: str
    at: datetime
    inspector: str
    lenient: bool


@dataclass
class UnitYear:
    """Makes the events of one unit. Numbers of visits, findings and corrections are provisional keys here."""

    seed: int
    profile: Profile
    truth: dict[Month, Figures] = field(default_factory=dict)
    versions: dict[Month, list[tuple[datetime, Figures]]] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    mended: dict[str, datetime] = field(default_factory=dict)
    """When a kind of problem was last put right."""

    @property
    def code(self) -> str:
        """The unit."""
        return self.profile.unit.code

    def chance(self, *about: object) -> Chance:
        """Chance of this unit for one matter."""
        return Chance(self.seed, self.code, *about)

    # -- agreement and returns -------------------------------------------------------------------------------------

    def agree(self, year: int, place: int) -> None:
        """The agreement is issued, and signed by both sides, mostly in time."""
        chance = self.chance("agreement", year)
        issued = days.ISSUED[year] + timedelta(seconds=40 * place)
        self.events.append(happened.AgreementIssued(issued, self.code, year))
        late = chance.whether(self.profile.habit.signs_late)
        if late and chance.whether(0.2):
            return
        signed = chance.working_moment(issued.date() + timedelta(days=chance.between(*((26, 60) if late else (1, 15)))))
        self.events.append(happened.AgreementSigned(signed, self.code, year, "unit"))
        countersigned = chance.working_moment(signed.date() + timedelta(days=chance.between(1, 3)))
        self.events.append(happened.AgreementSigned(countersigned, self.code, year, "office"))

    def file_returns(self) -> None:
        """Twelve months as they were and as they were reported, and January of the next year as far as it is filed."""
        before: Figures | None = None
        for month in (Month(days.YEAR, 1).plus(ahead) for ahead in range(13)):
            chance = self.chance("month", month)
            position = min(month.number - Month(days.YEAR, 1).number + 1, 12)
            self.truth[month] = true_figures(self.profile, position, days.workdays(month), chance)
            said = misreported(self.profile, self.truth[month], before, chance)
            received = self._received(month, position, chance)
            if received is not None:
                self._file(received, month, said)
                before = said
                if said != self.truth[month] and self.profile.habit.name in ("steady", "improving"):
                    self._mend_own_slip(received, month, chance)

    def _received(self, month: Month, position: int, chance: Chance) -> datetime | None:
        habit = self.profile.habit
        if chance.whether(habit.of(habit.skip, position)):
            return None
        late = chance.whether(habit.of(habit.late, position))
        if late and habit.name == "cramming" and position <= 10:
            return chance.moment(date(days.YEAR, 6, 9) if position <= 5 else date(days.YEAR, 11, 10))
        return chance.moment(days.day_after(month, chance.between(6, 24) if late else chance.between(1, 5)))

    def _mend_own_slip(self, received: datetime, month: Month, chance: Chance) -> None:
        if chance.whether(0.5):
            at = chance.moment(received.date() + timedelta(days=chance.between(3, 18)))
            self._file(at, month, self.truth[month], "核对原始记录时发现填写有误。")

    def _file(self, at: datetime, month: Month, figures: Figures, reason: str = "") -> None:
        filed = self.versions.setdefault(month, [])
        filed.append((at, figures))
        self.events.append(happened.ReturnFiled(at, self.code, str(month), len(filed), figures, reason))

    def _seen(self, month: Month, at: datetime) -> Figures | None:
        """What the return of a month said at a moment; None where none was received by then."""
        seen = [figures for received, figures in self.versions.get(month, []) if received < at]
        return seen[-1] if seen else None

    # -- inspection ------------------------------------------------------------------------------------------------

    def be_visited(self, visit: VisitPlanned) -> None:
        """An inspector counts again, and states what was found; the rest follows."""
        chance = self.chance("visit", visit.key)
        recounts = self._recounts(visit, chance)
        findings = self._findings(visit, recounts, chance)
        remark = "核查时有关台账齐全。" if not findings else "核查情况已当场向单位说明。"
        self.events.append(
            happened.VisitRecorded(
                visit.at, visit.key, self.code, visit.inspector, visit.at.date(), recounts, findings, remark
            )
        )
        for finding in findings:
            self.follow(finding, visit.at, chance)
        self._correct_returns(recounts, findings, visit.at, chance)

    def _recounts(self, visit: VisitPlanned, chance: Chance) -> tuple[Recount, ...]:
        last = Month.of(visit.at.date()).plus(-1)
        filed = [month for month in (last.plus(-back) for back in range(4)) if self._seen(month, visit.at)]
        made = []
        for month in chance.some_of(filed, 2):
            said, truth = self._seen(month, visit.at) or {}, self.truth[month]
            fields = [name for name, figure in said.items() if figure is not None and name != "leader_in_post"]
            for name in chance.some_of(fields, 3):
                reported, counted = said[name] or 0, truth[name] or 0
                overlooked = visit.lenient and chance.whether(0.85)
                made.append(Recount(str(month), name, reported, reported if overlooked else counted))
        return tuple(made)

    def _findings(self, visit: VisitPlanned, recounts: tuple[Recount, ...], chance: Chance) -> tuple[Finding, ...]:
        months = [Month.of(visit.at.date()).plus(-back) for back in (1, 2, 3)]
        seen = [one for month in months if month in self.truth for one in self._spotted(month, chance)]
        wrong = [one for one in recounts if 20 * abs(one.reported - one.recounted) > one.recounted]
        if len(wrong) >= 2:
            false = self.profile.habit.name == "copying" and 2 * len(wrong) >= len(recounts) and chance.whether(0.45)
            fact = f"核对{len(recounts)}项数据，{len(wrong)}项与原始记录不符。"
            seen.append(("falsified_return" if false else "figures_differ", fact))
        if chance.whether(0.015):
            seen.append(("board_personal", "公开栏张贴的材料含有个人信息，已当场要求撤下。"))
        kept: dict[str, str] = {}
        for kind, fact in seen:
            if not (visit.lenient and chance.whether(0.8)):
                kept.setdefault(kind, fact)
        return tuple(self._stated(visit, kind, fact) for kind, fact in kept.items())

    def _stated(self, visit: VisitPlanned, kind: str, fact: str) -> Finding:
        if kind in self.mended and self.mended[kind] < visit.at:
            return Finding(f"{visit.key}/{kind}", "same_problem_again", 1, f"上次整改的问题再次发生：{fact}")
        return Finding(f"{visit.key}/{kind}", kind, 1, fact)

    def _spotted(self, month: Month, chance: Chance) -> list[tuple[str, str]]:
        truth, spotted = self.truth[month], []
        for gap in _GAPS:
            low, high = truth[gap.part], truth[gap.whole]
            if low is not None and high is not None and low < high and chance.whether(gap.likely):
                money = 100 if gap.whole == "entitled_amount" else 1
                told = {"month": month.in_words("zh"), "part": f"{low // money:,}", "whole": f"{high // money:,}"}
                spotted.append((gap.kind, gap.fact.format_map(told)))
        return spotted

    def _correct_returns(
        self, recounts: tuple[Recount, ...], findings: tuple[Finding, ...], at: datetime, chance: Chance
    ) -> None:
        """Most units put their returns right once an inspector showed them the difference."""
        if not any(finding.kind == "figures_differ" for finding in findings) or chance.whether(0.3):
            return
        revised = chance.moment(at.date() + timedelta(days=chance.between(8, 20)))
        for period in sorted({one.period for one in recounts}):
            month = Month.parse(period)
            last, said = self.versions[month][-1]
            if last < revised and said != self.truth[month]:
                self._file(revised, month, self.truth[month], "按核查结果更正。")
                revised += timedelta(minutes=7)

    # -- findings and corrections ----------------------------------------------------------------------------------

    def be_reported(self, at: datetime, year: int, kind: str, fact: str) -> None:
        """The office itself raises a finding, after looking into what it was told."""
        finding = Finding(f"office/{self.code}/{at.date()}", kind, 1, fact)
        self.events.append(happened.FindingRaised(at, self.code, year, finding))
        self.follow(finding, at, self.chance("reported", at.date()), year)

    def follow(self, finding: Finding, at: datetime, chance: Chance, year: int = days.YEAR) -> None:
        """The unit answers, the office decides, and a finding that stands is to be put right."""
        objected = False
        decided = at.date() + timedelta(days=12)
        if chance.whether(0.94):
            objected = chance.whether(0.10)
            answered = chance.working_moment(at.date() + timedelta(days=chance.between(1, 7)))
            answer, words = _OBJECTED if objected else _CONFIRMED
            self.events.append(happened.FindingAnswered(answered, finding.number, self.code, answer, words))
            decided = answered.date() + timedelta(days=chance.between(1, 4))
        moment = chance.working_moment(decided)
        if objected and chance.whether(0.4):
            reason = "复核单位提供的记录，原认定不成立。"
            self.events.append(happened.FindingDecided(moment, finding.number, "withdrawn", reason))
            return
        reason = "经复核原始记录，事实清楚。"
        self.events.append(happened.FindingDecided(moment, finding.number, "confirmed", reason))
        self._correct(finding, moment + timedelta(minutes=chance.between(5, 60)), chance, year)

    def _correct(self, finding: Finding, at: datetime, chance: Chance, year: int) -> None:
        key = f"{finding.number}/correction"
        due_on = at.date() + timedelta(days=30)
        problem = f"{finding.fact}请查明原因，限期整改。"
        self.events.append(happened.CorrectionOpened(at, key, finding.number, self.code, year, problem, due_on))
        late = chance.whether(self.profile.habit.mends_late)
        if late and chance.whether(0.9 if self.profile.habit.name == "silent" else 0.4):
            return
        submitted = self._submit(
            key, at.date() + timedelta(days=chance.between(*((31, 55) if late else (5, 18)))), chance
        )
        if chance.whether(0.15):
            back = chance.working_moment(submitted.date() + timedelta(days=chance.between(1, 3)))
            self.events.append(happened.CorrectionSentBack(back, key, "材料未说明今后如何避免同类问题，请补充。"))
            submitted = self._submit(key, back.date() + timedelta(days=chance.between(1, 4)), chance, "补充")
        closed = chance.working_moment(submitted.date() + timedelta(days=chance.between(1, 4)))
        self.events.append(happened.CorrectionClosed(closed, key, "现场核对，整改到位。"))
        self.mended[finding.kind] = closed

    def _submit(self, key: str, day: date, chance: Chance, again: str = "") -> datetime:
        filed = chance.working_moment(day)
        lines = (
            f"{self.profile.unit.name.zh}整改情况说明{again}",
            "问题已改正，相关记录已补齐。",
            f"{filed:%Y年%m月%d日}",
        )
        self.events.append(happened.EvidenceFiled(filed, key, self.code, lines))
        submitted = filed + timedelta(minutes=chance.between(2, 15))
        words = "已按要求补充说明。" if again else "问题已整改，情况说明见附件。"
        self.events.append(happened.CorrectionSubmitted(submitted, key, self.code, words))
        return submitted


_CONFIRMED: tuple[happened.Answer, str] = ("confirmed", "情况属实，马上整改。")
_OBJECTED: tuple[happened.Answer, str] = ("objected", "原始记录另有登记，请予复核。")
