"""What changed between two versions of a programme: real edits of the district's programme, and laws."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, is_dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from answerable.definition import Item, Part, Programme, read
from answerable.definition.changes import Change, changes
from answerable.definition.model import Missing
from answerable.definition.outcomes import (
    GradeAtMost,
    Minimum,
    OtherBands,
    Quota,
    TotalAtMost,
    Warned,
)
from answerable.definition.rules import FullOrNone, Linear
from answerable.definition.syntax import parse
from answerable.values.number import Rounding
from answerable.values.text import Text

PAID_IN_FULL = "{id: paid_in_full, points: 10,"
NOTHING_WITHHELD = "{id: nothing_withheld, points: 4,"
PAID = "      - id: paid_amount\n"
HELP = "        help: {zh: 截至填报时已经发到账户的金额。, en: What has reached accounts by the time of filing.}\n"
SIGNED = 'indicator: agreement_in_time, rule: {full_or_none: ">= 1"}, absent: '
LATE = (
    "      - {id: late_amount, title: {zh: 逾期金额, en: Paid late}, measure: money, topic: benefit_payment,"
    " owner: unit_finance, use: context}\n"
)


@cache
def source() -> str:
    file = resources.files("answerable.programmes") / "family_services" / "programme.yaml"
    return file.read_text("utf-8")


@cache
def family() -> Programme:
    return read(source().encode())


def edited(*edits: tuple[str, str]) -> tuple[Change, ...]:
    """What changed after each first text was replaced by each second in the district's file."""
    text = source()
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    return changes(family(), read(text.encode()))


def both(text: str) -> Text:
    return Text(zh=text, en=text)


# -- real edits --------------------------------------------------------------------------------------------------------


def test_a_weight_that_moved_is_two_changes_of_points() -> None:
    made = edited(
        (PAID_IN_FULL, "{id: paid_in_full, points: 9,"), (NOTHING_WITHHELD, NOTHING_WITHHELD.replace("4", "5"))
    )
    assert made == (
        Change(
            "changed",
            "tree.benefits.paid_in_full.points",
            Text(
                zh="待遇足额按期发放·待遇足额发放·分值",
                en="Benefits paid in full and on time, benefits paid in full, points",
            ),
            both("10"),
            both("9"),
            weighty=True,
        ),
        Change(
            "changed",
            "tree.benefits.nothing_withheld.points",
            Text(
                zh="待遇足额按期发放·无截留、拖欠·分值",
                en="Benefits paid in full and on time, nothing withheld, points",
            ),
            both("4"),
            both("5"),
            weighty=True,
        ),
    )


def test_points_of_a_part_and_of_the_whole_follow() -> None:
    made = edited((PAID_IN_FULL, "{id: paid_in_full, points: 12,"), ("    points: 22\n", "    points: 24\n"))
    assert [(one.where, one.before, one.after) for one in made] == [
        ("tree.points", both("100"), both("102")),
        ("tree.benefits.points", both("22"), both("24")),
        ("tree.benefits.paid_in_full.points", both("10"), both("12")),
    ]
    assert made[0].what == Text(zh="总分·分值", en="Total, points")


def test_a_band_that_changed_is_one_change_where_the_file_writes_it() -> None:
    (made,) = edited(("from: 90}", "from: 85}"), ("from: 60, below: 90}", "from: 60, below: 85}"))
    assert (made.where, made.before, made.after) == ("grades.bands.advanced.from", both("90"), both("85"))
    assert (made.what.zh, made.weighty) == ("等次·先进·起点", True)


def test_a_field_that_was_added_says_what_it_asks_and_bears_on_no_score_as_context() -> None:
    (made,) = edited((PAID, LATE + PAID))
    assert (made.kind, made.where, made.before) == ("added", "forms.monthly.fields.late_amount", None)
    assert made.what == Text(zh="家庭服务月报表·逾期金额", en="Monthly family services return, paid late")
    assert made.after is not None and "用途：仅供参考" in made.after.zh and "measure: yuan" in made.after.en
    assert not made.weighty


def test_a_rule_that_was_replaced_is_told_in_words() -> None:
    (made,) = edited(("rule: {ratio_to_target: 100%}", "rule: {linear: {zero_at: 50%, full_at: 100%}}"))
    assert made.where == "tree.services.special_families.rule"
    assert made.before == Text(
        zh="达到目标值100%得5分，未达到的按实际值与目标值之比得分",
        en="5 points at the target of 100%, in proportion below it",
    )
    assert made.after == Text(
        zh="100%得5分，50%得0分，其间按直线计算", en="5 points at 100%, none at 50%, on a straight line between"
    )


def test_a_veto_that_was_removed_says_what_it_was() -> None:
    line = next(line for line in source().splitlines(keepends=True) if line.startswith("  - {id: rights,"))
    (made,) = edited((line, ""))
    assert (made.kind, made.where, made.after, made.weighty) == ("removed", "vetoes.rights", None, True)
    assert made.what == Text(zh="一票否决·经查实侵犯公民合法权益", en="Veto, proven violation of rights")
    assert made.before is not None and "后果：等次最高为“不合格”" in made.before.zh and "article 43" in made.before.en


def test_a_date_that_was_extended_bears_on_no_score() -> None:
    (made,) = edited(("until: 2027-01-01", "until: 2028-01-01"))
    assert (made.where, made.before, made.after, made.weighty) == (
        "in_force.until",
        Text(zh="2027年1月1日", en="1 January 2027"),
        Text(zh="2028年1月1日", en="1 January 2028"),
        False,
    )


def test_a_title_and_a_help_bear_on_no_score_and_a_help_can_be_removed() -> None:
    made = edited(
        ("title: {zh: 其中实发金额, en: Of these paid}", "title: {zh: 实发金额, en: Paid}"),
        (HELP, ""),
    )
    assert [(one.kind, one.where, one.weighty) for one in made] == [
        ("changed", "forms.monthly.fields.paid_amount.title", False),
        ("removed", "forms.monthly.fields.paid_amount.help", False),
    ]
    assert made[0].what.zh == "家庭服务月报表·实发金额·名称"


def test_a_formula_is_told_by_the_titles_of_its_fields() -> None:
    formula = "sum(monthly.paid_on_time_amount) / sum(monthly.entitled_amount)"
    (made,) = changes(family(), formula_of_paid(formula))
    assert (made.where, made.weighty) == ("indicators.paid_share.formula", True)
    assert made.before is not None and made.before.zh == "“其中实发金额”之和 ÷ “本月应发待遇金额”之和"
    assert made.after is not None
    assert made.after.en == "sum of “Of these paid on time” ÷ sum of “Benefits due this month”"


def formula_of_paid(text: str) -> Programme:
    programme = family()
    paid = replace(programme.indicator("paid_share"), formula=parse(text))
    others = tuple(paid if one.id == paid.id else one for one in programme.indicators)
    return replace(programme, indicators=others)


def test_two_values_alike_in_words_are_shown_as_the_file_writes_them() -> None:
    programme = family()
    again = replace(programme.indicator("paid_share"), id="again")
    more = replace(programme, indicators=(*programme.indicators, again))
    (made,) = changes(more, with_item(more, "paid_in_full", indicator="again"))
    assert (made.before, made.after) == (both("paid_share"), both("again"))
    (made,) = changes(formula_of_paid("-done_share"), formula_of_paid("-(-(-done_share))"))
    assert made.before != made.after


def test_what_a_veto_does_and_who_may_have_a_grade_are_told_in_words() -> None:
    programme = family()
    rights, falsified = programme.vetoes
    quotas = (Quota("advanced", Fraction(3, 10), "kind", "down", "in"),)
    minimums = tuple(Minimum("advanced", node, Fraction(4, 5)) for node in ("benefits", "openness"))
    new = replace(
        programme,
        vetoes=(replace(rights, effect=Warned()), falsified),
        grades=replace(programme.grades, quotas=quotas, minimums=minimums),
    )
    veto, least, quota = changes(programme, new)
    assert (veto.where, veto.before, veto.after) == (
        "vetoes.rights.effect",
        Text(zh="等次最高为“不合格”", en="the grade is at most “Unqualified”"),
        Text(zh="黄牌警告", en="a formal warning"),
    )
    assert (least.where, least.before, least.weighty) == ("grades.minimums", None, True)
    assert least.after is not None and "部分或项目：公开" in least.after.zh and "待遇足额按期发放" in least.after.zh
    assert (quota.kind, quota.where) == ("added", "grades.quotas.advanced")
    assert quota.what == Text(zh="比例限制·先进", en="Quota, advanced")
    assert quota.after is not None and "share: 0.3; ranked among: units of one kind" in quota.after.en


def test_what_absent_figures_do_and_how_figures_are_rounded_bear_on_a_score() -> None:
    made = edited(
        ("missing: zero, title: {zh: 月报表按时报送率", "missing: unassessable, title: {zh: 月报表按时报送率"),
        (
            f"{SIGNED}zero",
            f"{SIGNED}{{missing: zero, suppressed: zero, not_applicable: exempt, undefined: zero}}",
        ),
        ("  total: {mode: half_up, decimals: 2}", "  total: {mode: down, decimals: 1}"),
    )
    assert [(one.where, one.weighty) for one in made] == [
        ("indicators.on_time_share.missing", True),
        ("tree.organisation.agreement.absent.not_applicable", True),
        ("rounding.total", True),
    ]
    assert made[1].after == Text(zh="不参评，其余分值折算", en="left out, the rest is rescaled")
    assert made[2].before == Text(zh="四舍五入，保留2位小数", en="2 decimals, halves away from zero")


# -- order and place ---------------------------------------------------------------------------------------------------


def with_item(programme: Programme, name: str, **new: Any) -> Programme:
    def into(part: Part) -> Part:
        children = tuple(
            into(child) if isinstance(child, Part) else replace(child, **new) if child.id == name else child
            for child in part.children
        )
        return replace(part, children=children)

    return replace(programme, tree=into(programme.tree))


def moved(programme: Programme, name: str, to: str) -> Programme:
    """The programme with an item taken out of its part and put at the end of another."""
    item = next(item for item in programme.tree.items() if item.id == name)

    def into(part: Part) -> Part:
        children = tuple(into(one) if isinstance(one, Part) else one for one in part.children if one.id != name)
        return replace(part, children=(*children, item) if part.id == to else children)

    return replace(programme, tree=into(programme.tree))


def test_an_item_in_another_part_says_where_it_stood() -> None:
    (made,) = changes(family(), moved(family(), "childcare", "openness"))
    assert (made.kind, made.where, made.weighty) == ("changed", "tree.openness.childcare.part", True)
    assert (made.before, made.after) == (
        Text(zh="服务均等可及", en="Services within everyone's reach"),
        Text(zh="公开", en="Openness"),
    )


def turned(programme: Programme) -> Programme:
    """Everything that is listed, listed the other way round."""

    def over(part: Part) -> Part:
        return replace(part, children=tuple(over(one) if isinstance(one, Part) else one for one in part.children[::-1]))

    forms = tuple(replace(form, fields=form.fields[::-1], checks=form.checks[::-1]) for form in programme.forms[::-1])
    return replace(
        programme,
        legal_basis=programme.legal_basis[::-1],
        assess=programme.assess[::-1],
        unit_kinds=dict(list(programme.unit_kinds.items())[::-1]),
        sources=programme.sources[::-1],
        forms=forms,
        finding_kinds=programme.finding_kinds[::-1],
        indicators=programme.indicators[::-1],
        tree=over(programme.tree),
        vetoes=programme.vetoes[::-1],
        ranks=programme.ranks[::-1],
    )


def test_order_alone_and_the_digest_are_no_change() -> None:
    assert changes(family(), replace(turned(family()), digest="0" * 64)) == ()


def test_changes_stand_in_the_order_of_the_file_and_what_is_gone_after_what_stood_before_it() -> None:
    programme = family()
    new = replace(
        programme,
        version="2026.1",
        indicators=(programme.indicators[0], *programme.indicators[2:]),
        vetoes=(),
        rounding=replace(programme.rounding, add="exact"),
    )
    assert [one.where for one in changes(programme, new)] == [
        "version",
        "indicators.leader_share",
        "vetoes.rights",
        "vetoes.falsified",
        "rounding.add",
    ]


def test_a_part_that_became_an_item_is_another_thing() -> None:
    programme = family()
    accuracy = next(one for one in programme.tree.children if one.id == "accuracy")
    assert isinstance(accuracy, Part) and isinstance(accuracy.children[0], Item)
    flat = replace(accuracy.children[0], id="accuracy")
    new = replace(programme.tree, children=tuple(flat if one is accuracy else one for one in programme.tree.children))
    kinds = [(one.kind, one.where) for one in changes(programme, replace(programme, tree=new))]
    assert kinds == [
        ("removed", "tree.accuracy"),
        ("removed", "tree.accuracy.recounts"),
        ("added", "tree.accuracy"),
    ]


# -- laws --------------------------------------------------------------------------------------------------------------


class Made:
    """A programme that is shown by what sets it apart from the district's."""

    def __init__(self, programme: Programme) -> None:
        self.programme = programme

    def __repr__(self) -> str:
        return ", ".join(f"{one.kind} {one.where}" for one in changes(family(), self.programme)) or "the district's"


@st.composite
def programmes(draw: st.DrawFn) -> Made:
    """The district's programme after a few edits of any kind."""
    programme = family()
    for _ in range(draw(st.integers(0, 5))):
        programme = draw(st.sampled_from(EDITS))(draw, programme)
    return Made(programme)


def with_list(programme: Programme, name: str, things: Any) -> Programme:
    new: dict[str, Any] = {name: things}
    return replace(programme, **new)


def _in_list(draw: st.DrawFn, programme: Programme, name: str, **new: st.SearchStrategy[Any]) -> Programme:
    things = getattr(programme, name)
    assume(things)
    at = draw(st.integers(0, len(things) - 1))
    made = replace(things[at], **{key: draw(value) for key, value in new.items()})
    return with_list(programme, name, (*things[:at], made, *things[at + 1 :]))


def _without(draw: st.DrawFn, programme: Programme, name: str) -> Programme:
    things = getattr(programme, name)
    at = draw(st.integers(0, len(things)))
    return with_list(programme, name, (*things[:at], *things[at + 1 :]))


def _field(draw: st.DrawFn, programme: Programme, **new: st.SearchStrategy[Any]) -> Programme:
    form = programme.forms[0]
    at = draw(st.integers(0, len(form.fields) - 1))
    made = replace(form.fields[at], **{key: draw(value) for key, value in new.items()})
    fields = (*form.fields[:at], made, *form.fields[at + 1 :])
    return replace(programme, forms=(replace(form, fields=fields),))


def _item(draw: st.DrawFn, programme: Programme, **new: st.SearchStrategy[Any]) -> Programme:
    name = draw(st.sampled_from([item.id for item in programme.tree.items()]))
    return with_item(programme, name, **{key: draw(value) for key, value in new.items()})


def _moved(draw: st.DrawFn, programme: Programme) -> Programme:
    items = [item.id for item in programme.tree.items()]
    parts = [one.id for one in programme.tree.nodes() if isinstance(one, Part)]
    return moved(programme, draw(st.sampled_from(items)), draw(st.sampled_from(parts)))


TEXTS = st.sampled_from([both("one"), both("two"), Text(zh="三", en="one")])
NUMBERS = st.sampled_from([Fraction(1), Fraction(1, 3), Fraction(2)])
RULES = st.sampled_from([FullOrNone(">=", Fraction(1)), FullOrNone(">", Fraction(1)), Linear(Fraction(0), Fraction(1))])
FORMULAS = st.sampled_from(
    [parse("sum(monthly.paid_amount)"), parse("count(monthly)"), parse("paid_share / done_share")]
)
REASONS = ("missing", "suppressed", "not_applicable", "undefined")
ABSENT = st.sampled_from([dict.fromkeys(REASONS, "zero"), dict.fromkeys(REASONS, "full")])
EFFECTS = st.sampled_from([GradeAtMost("qualified"), GradeAtMost("unqualified"), TotalAtMost(Fraction(9)), Warned()])
QUOTAS = st.lists(
    st.builds(
        Quota,
        st.sampled_from(["advanced", "qualified"]),
        NUMBERS,
        st.sampled_from(["kind", "parent"]),
        st.just("down"),
        st.sampled_from(["in", "out"]),
    ),
    max_size=2,
    unique_by=lambda quota: quota.grade,
).map(tuple)
MINIMUMS = st.lists(
    st.builds(Minimum, st.just("advanced"), st.sampled_from(["benefits", "openness"]), NUMBERS),
    max_size=2,
    unique_by=lambda minimum: minimum.node,
).map(tuple)
OTHERS = st.sampled_from(
    [
        (),
        (OtherBands(("community",), (Fraction(80), Fraction(50), Fraction(0))),),
        (OtherBands(("community", "enterprise"), (Fraction(80), Fraction(50), Fraction(0))),),
    ]
)
EDITS: list[Any] = [
    lambda draw, one: replace(one, grades=replace(one.grades, quotas=draw(QUOTAS), minimums=draw(MINIMUMS))),
    lambda draw, one: replace(one, grades=replace(one.grades, other_bands=draw(OTHERS))),
    lambda draw, one: turned(one),
    lambda draw, one: replace(one, digest=draw(st.text("0123", min_size=4, max_size=4))),
    lambda draw, one: replace(one, sign_by=draw(st.sampled_from([None, (1, 31), (2, 1)]))),
    lambda draw, one: replace(one, assess=draw(st.sampled_from([("community",), ("enterprise", "community")]))),
    lambda draw, one: replace(one, unit_kinds={"community": draw(TEXTS)}),
    lambda draw, one: replace(one, valid_until=draw(st.dates(date(2026, 1, 1), date(2026, 1, 3)))),
    lambda draw, one: replace(one, rounding=replace(one.rounding, item=Rounding("up", draw(st.integers(0, 2))))),
    lambda draw, one: replace(one, grades=replace(one.grades, rated_from=draw(NUMBERS))),
    lambda draw, one: _in_list(draw, one, "indicators", formula=FORMULAS, percent=st.booleans()),
    lambda draw, one: _in_list(
        draw, one, "indicators", missing=st.sampled_from([Missing("skip", 2), Missing("zero", 0)])
    ),
    lambda draw, one: _in_list(draw, one, "vetoes", effect=EFFECTS),
    lambda draw, one: _in_list(draw, one, "ranks", ties=st.sampled_from(["min", "dense"]), title=TEXTS),
    lambda draw, one: _in_list(draw, one, "adjustments", each=NUMBERS),
    lambda draw, one: _without(draw, one, "indicators"),
    lambda draw, one: _without(draw, one, "vetoes"),
    lambda draw, one: _without(draw, one, "sources"),
    lambda draw, one: _field(draw, one, title=TEXTS, help=st.one_of(st.none(), TEXTS)),
    lambda draw, one: _field(
        draw, one, minimum=st.one_of(st.none(), NUMBERS), blank=st.sampled_from(["zero", "missing"])
    ),
    lambda draw, one: _item(draw, one, points=NUMBERS, rule=RULES),
    lambda draw, one: _item(draw, one, absent=ABSENT, indicator=st.sampled_from(["paid_share", "done_share"])),
    lambda draw, one: _moved(draw, one),
]


def canonical(value: Any) -> Any:
    """A programme without its digest and without any order, written out field by field."""
    if is_dataclass(value):
        named = [(one.name, getattr(value, one.name)) for one in fields(value) if one.name != "digest"]
        return [type(value).__name__, *((name, canonical(one)) for name, one in named)]
    if isinstance(value, dict):
        return sorted((key, canonical(one)) for key, one in value.items())
    if isinstance(value, tuple) and any(isinstance(one, str) or is_dataclass(one) for one in value):
        return sorted((canonical(one) for one in value), key=repr)
    return value


def turned_over(one: Change) -> tuple[Any, ...]:
    kinds = {"added": "removed", "removed": "added", "changed": "changed"}
    return (kinds[one.kind], one.after, one.before, one.weighty)


@given(programmes(), programmes())
@settings(deadline=None)
def test_there_are_changes_exactly_where_programmes_differ_in_more_than_order_and_digest(
    one: Made, other: Made
) -> None:
    assert changes(one.programme, one.programme) == ()
    alike = canonical(one.programme) == canonical(other.programme)
    assert (changes(one.programme, other.programme) == ()) == alike


@given(programmes(), programmes())
@settings(deadline=None)
def test_the_other_way_round_before_and_after_change_places(one: Made, other: Made) -> None:
    forth, back = changes(one.programme, other.programme), changes(other.programme, one.programme)
    assert Counter((made.kind, made.before, made.after, made.weighty) for made in back) == Counter(
        map(turned_over, forth)
    )
    last = Counter(made.where.rpartition(".")[2] for made in forth)
    assert last == Counter(made.where.rpartition(".")[2] for made in back)


@given(programmes(), programmes())
@settings(deadline=None)
def test_every_change_says_something(one: Made, other: Made) -> None:
    for made in changes(one.programme, other.programme):
        assert made.before != made.after
        assert (made.before is None, made.after is None) == (made.kind == "added", made.kind == "removed")
