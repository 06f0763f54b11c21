"""From the shape of a file to a sound Programme: names resolve, measures fit, points add up, bands close, rights hold.

Every check adds its issues to one list; nothing is raised until all have looked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from answerable.definition import document as shape
from answerable.definition.burden import check_burden
from answerable.definition.document import KeyPath
from answerable.definition.formula import GROUPS, OF_UNIT, ColumnOf, Expression, Name, show, walk
from answerable.definition.given_checks import matters_of, panels_of, targets_of, words_of
from answerable.definition.grade_checks import adjustments_of, grades_of, vetoes_of
from answerable.definition.measures import (
    FLAG,
    NUMBER,
    SHARE,
    Fault,
    Kind,
    Scope,
    kind_of,
)
from answerable.definition.model import (
    Absent,
    Check,
    Fate,
    Field,
    FindingKind,
    Form,
    Indicator,
    Item,
    Missing,
    Part,
    Programme,
    Source,
    Stages,
)
from answerable.definition.outcomes import Rank, Together
from answerable.definition.rights import check_names, check_rights, reviews
from answerable.definition.rule_checks import rule_of
from answerable.definition.tables import FIXED, row_columns
from answerable.definition.topics import OPEN, PROTECTED, UNSET
from answerable.values.issue import Issue, Place, Refused
from answerable.values.number import Rounding, text_of
from answerable.values.text import Text

__all__ = ["build"]

PlaceOf = Callable[[Iterable[str | int]], Place]

TOTAL = Text(zh="总分", en="Total")


def build(document: shape.ProgrammeDocument, place: PlaceOf, digest: str) -> Programme:
    """Check a document and freeze it.

    Args:
        place: gives the line of a path of keys and positions.
        digest: of the bytes the document was read from.

    Raises:
        Refused: with every issue found.
    """
    return _Build(document, place).programme(digest)


@dataclass
class _Build:
    document: shape.ProgrammeDocument
    place: PlaceOf
    issues: list[Issue] = field(default_factory=list)
    kinds: dict[str, Kind] = field(default_factory=dict)

    def say(self, code: str, path: KeyPath, **facts: str) -> None:
        self.issues.append(Issue(f"programme.{code}", self.place(path), facts))

    def programme(self, digest: str) -> Programme:
        document = self.document
        self.unique_ids()
        forms = tuple(self.form(form, ("forms", at)) for at, form in enumerate(document.forms))
        self.references()
        targets = targets_of(self)
        known = row_columns(forms, targets, words_of(document))
        self.scope = Scope(known, frozenset(form.id for form in forms), self.kinds, frozenset(document.units.kinds))
        self.form_checks(forms)
        indicators = self.indicators()
        tree = Part("total", TOTAL, self.points(), tuple(self.nodes(document.tree, ("tree",))))
        adjustments = adjustments_of(self)
        vetoes = vetoes_of(self, self.points())
        grades = grades_of(self, tree.points)
        check_rights(document, self.say)
        check_names(document, self.say)
        check_burden(document, self.say)
        together = document.adjustments_together
        if self.issues:
            raise Refused(sorted(self.issues, key=lambda issue: issue.place.line or 0))
        return Programme(
            id=document.programme,
            version=document.version,
            title=document.title.text(),
            office=document.office.text(),
            legal_basis=tuple(document.legal_basis),
            valid_from=document.in_force.start,
            valid_until=document.in_force.until,
            time_zone=document.time_zone,
            unit_kinds={kind: words.text() for kind, words in document.units.kinds.items()},
            assess=tuple(document.units.assess),
            sign_by=document.agreement.sign_by if document.agreement else None,
            sources=tuple(Source(one.id, one.title.text(), one.number, one.url) for one in document.sources),
            forms=forms,
            finding_kinds=tuple(
                FindingKind(one.id, one.title.text(), one.clause, one.topic) for one in document.findings
            ),
            panels=panels_of(self),
            matters=matters_of(self),
            targets=targets,
            indicators=indicators,
            tree=tree,
            adjustments=adjustments,
            together=Together(*(together.more, together.off) if together else (None, None)),
            vetoes=vetoes,
            grades=grades,
            ranks=tuple(Rank(one.id, one.title.text(), one.on, one.within, one.ties) for one in document.ranks),
            rounding=self.rounding(),
            reviews=tuple(reviews(document)),
            digest=digest,
        )

    def group(self, within: str, path: KeyPath) -> None:
        """Refuse a group that is neither one of the three nor a kind of unit."""
        known = (*GROUPS, *sorted(self.document.units.kinds))
        if within not in known:
            self.say("unknown_group", path, group=within, known=", ".join(known))

    def rounding(self) -> Stages:
        stages = self.document.rounding
        indicator, item, total = (
            Rounding(stage.mode, stage.decimals) for stage in (stages.indicator, stages.item, stages.total)
        )
        return Stages(indicator, item, total, stages.add)

    # -- ids, references -------------------------------------------------------------------------------------------

    def unique_ids(self) -> None:
        document = self.document
        self.unique(("sources",), document.sources)
        for section in ("findings", "panels", "matters", "targets"):
            self.unique((section,), getattr(document, section))
        self.unique(("indicators",), document.indicators)
        self.unique(("ranks",), document.ranks)
        self.unique(("forms",), document.forms)
        for at, form in enumerate(document.forms):
            self.unique(("forms", at, "fields"), form.fields)
            self.unique(("forms", at, "checks"), form.checks)
            if form.id in FIXED or form.id in OF_UNIT:
                self.say("reserved_id", ("forms", at, "id"), id=form.id)
        seen = {"total"}
        for path, node in document.scored_nodes():
            if node.id in seen:
                self.say("repeated_id", (*path, "id"), id=node.id)
            seen.add(node.id)

    def unique(self, path: KeyPath, things: Sequence[object]) -> None:
        seen: set[str] = set()
        for at, thing in enumerate(things):
            name = str(getattr(thing, "id", ""))
            if name in seen:
                self.say("repeated_id", (*path, at, "id"), id=name)
            seen.add(name)

    def references(self) -> None:
        document = self.document
        known = {source.id for source in document.sources}
        for path, clause in self.clauses():
            if clause.partition("#")[0] not in known:
                self.say("unknown_source", path, clause=clause, known=", ".join(sorted(known)))
        for path, judged in document.judged():
            self.topic(judged.topic, (*path, "topic"))
        for at, kind in enumerate(document.units.assess):
            if kind not in document.units.kinds:
                self.say("unknown_kind", ("units", "assess", at), kind=kind)
        for kind in document.units.kinds:
            if kind in GROUPS:
                self.say("taken_kind", ("units", "kinds", kind), kind=kind)
        for at, rank in enumerate(document.ranks):
            self.group(rank.within, ("ranks", at, "within"))
        if document.in_force.until <= document.in_force.start:
            self.say("ends_before_start", ("in_force",), start=str(document.in_force.start))

    def clauses(self) -> list[tuple[KeyPath, str]]:
        document = self.document
        found: list[tuple[KeyPath, str]] = [
            (("legal_basis", at), clause) for at, clause in enumerate(document.legal_basis)
        ]
        found += [(("forms", at, "clause"), form.clause) for at, form in enumerate(document.forms)]
        found += [((*path, "clause"), one.clause) for path, one in document.judged()]
        found += [(("targets", at, "clause"), one.clause) for at, one in enumerate(document.targets)]
        for path, node in document.scored_nodes():
            if node.clause is not None:
                found.append(((*path, "clause"), node.clause))
            if isinstance(node, shape.VetoShape):
                found.append(((*path, "legal_basis"), node.legal_basis))
        return found

    # -- forms -----------------------------------------------------------------------------------------------------

    def form(self, form: shape.FormShape, path: KeyPath) -> Form:
        for at, one in enumerate(form.fields):
            self.topic(one.topic, (*path, "fields", at, "topic"))
            if one.decimals and one.measure != "quantity":
                self.say("decimals_of", (*path, "fields", at, "decimals"), field=one.id, measure=one.measure)
        for at, kind in enumerate(form.filed_by):
            if kind not in self.document.units.kinds:
                self.say("unknown_kind", (*path, "filed_by", at), kind=kind)
        fields = tuple(
            Field(
                id=one.id,
                title=one.title.text(),
                measure=one.measure,
                decimals=one.decimals,
                topic=one.topic,
                owner=one.owner,
                use=one.use,
                required=one.required,
                blank=one.blank,
                minimum=one.minimum,
                maximum=one.maximum,
                help=one.help.text() if one.help else None,
            )
            for one in form.fields
        )
        checks = tuple(Check(one.id, one.says.text(), one.holds, one.severity) for one in form.checks)
        return Form(
            form.id,
            form.title.text(),
            form.owner,
            form.clause,
            form.due.day,
            form.due.months_after,
            fields,
            checks,
            tuple(form.filed_by),
        )

    def topic(self, topic: str, path: KeyPath) -> None:
        if topic == "person_record":
            self.say("person_record", path)
        elif topic not in OPEN and topic not in PROTECTED and topic != UNSET:
            self.say("unknown_topic", path, topic=topic, known=", ".join(sorted({*OPEN, *PROTECTED, UNSET})))

    def form_checks(self, forms: tuple[Form, ...]) -> None:
        for at, form in enumerate(forms):
            for position, check in enumerate(form.checks):
                path: KeyPath = ("forms", at, "checks", position, "holds")
                kind = self.kind(check.holds, path, form.id)
                if kind not in (FLAG, None):
                    self.say("not_yes_no", path, formula=show(check.holds))

    def kind(self, formula: Expression, path: KeyPath, row_table: str | None = None) -> Kind | None:
        try:
            return kind_of(formula, self.scope, row_table)
        except Fault as fault:
            self.issues.append(Issue(f"programme.{fault.code}", self.place(path), dict(fault.facts)))
            return None

    # -- indicators ------------------------------------------------------------------------------------------------

    def indicators(self) -> tuple[Indicator, ...]:
        """In an order in which each comes after those it names."""
        waiting = {one.id: (at, one) for at, one in enumerate(self.document.indicators)}
        done: list[Indicator] = []
        while waiting:
            ready = [name for name, (_, one) in waiting.items() if not _indicators_read(one.formula) & waiting.keys()]
            if not ready:
                for at, _ in waiting.values():
                    self.say("circle", ("indicators", at, "formula"), ids=", ".join(waiting))
                break
            for name in ready:
                at, one = waiting.pop(name)
                done.append(self.indicator(one, ("indicators", at)))
        return tuple(done)

    def indicator(self, one: shape.IndicatorShape, path: KeyPath) -> Indicator:
        kind = self.kind(one.formula, (*path, "formula"))
        if kind is not None and kind.of not in ("quantity", "number"):
            self.say("not_a_quantity", (*path, "formula"), formula=show(one.formula), kind=str(kind))
        if one.show == "percent" and kind not in (SHARE, NUMBER, None):
            self.say("percent_of", (*path, "show"), id=one.id, kind=str(kind))
        self.kinds[one.id] = kind or NUMBER
        missing = Missing(one.missing.do, one.missing.at_least or 0)
        return Indicator(one.id, one.title.text(), one.formula, missing, one.show == "percent")

    def known_indicator(self, name: str | None, path: KeyPath) -> bool:
        if name in {one.id for one in self.document.indicators}:
            return True
        known = ", ".join(one.id for one in self.document.indicators)
        self.say("unknown_name", path, name=str(name), known=known)
        return False

    # -- tree of points --------------------------------------------------------------------------------------------

    def points(self) -> Fraction:
        return sum((node.points for node in self.document.tree), Fraction(0))

    def nodes(self, nodes: Sequence[shape.NodeShape], path: KeyPath) -> list[Part | Item]:
        built = [self.node(node, (*path, at)) for at, node in enumerate(nodes)]
        return [node for node in built if node is not None]

    def node(self, node: shape.NodeShape, path: KeyPath) -> Part | Item | None:
        if node.points <= 0:
            self.say("no_points", (*path, "points"), id=node.id)
        decimals = self.document.rounding.item.decimals
        if (node.points * 10**decimals).denominator != 1:
            self.say("points_too_fine", (*path, "points"), id=node.id, decimals=str(decimals))
        if node.children is not None:
            return self.part(node, node.children, path)
        for key in ("renormalise", "at_least"):
            if getattr(node, key) is not None:
                self.say("item_with_children_key", (*path, key), id=node.id, key=key)
        needed = {"clause": node.clause, "indicator": node.indicator, "rule": node.rule, "absent": node.absent}
        for key in [key for key, value in needed.items() if value is None]:
            self.say("missing_key", path, key=key, inside=node.id)
        if node.indicator is not None:
            self.known_indicator(node.indicator, (*path, "indicator"))
        if node.rule is None or node.absent is None:
            return None
        rule = rule_of(self, node.rule, node.indicator or "", node.points, (*path, "rule"))
        if rule is None:
            return None
        fates = node.absent
        absent: dict[Absent, Fate] = {
            "missing": fates.missing,
            "suppressed": fates.suppressed,
            "not_applicable": fates.not_applicable,
            "undefined": fates.undefined,
        }
        return Item(node.id, node.title.text(), node.clause or "", node.points, node.indicator or "", rule, absent)

    def part(self, node: shape.NodeShape, children: Sequence[shape.NodeShape], path: KeyPath) -> Part:
        for key in ("clause", "indicator", "rule", "absent"):
            if getattr(node, key) is not None:
                self.say("part_with_rule", (*path, key), id=node.id, key=key)
        at_least = node.at_least or 1
        if at_least > len(children):
            self.say(
                "wrong_value", (*path, "at_least"), key="at_least", value=str(at_least), why=f"at most {len(children)}"
            )
        together = sum((child.points for child in children), Fraction(0))
        if together != node.points:
            self.say(
                "points_do_not_add",
                (*path, "points"),
                id=node.id,
                points=text_of(node.points),
                sum=text_of(together),
            )
        built = tuple(self.nodes(children, (*path, "children")))
        return Part(node.id, node.title.text(), node.points, built, node.renormalise is not None, at_least)


def _indicators_read(formula: Expression) -> set[str]:
    """Indicators whose kind must be known before that of a formula, last year's too."""
    names = {part.name for part in walk(formula) if isinstance(part, Name)}
    return names | {part.column for part in walk(formula) if isinstance(part, ColumnOf) and part.table == "earlier"}
