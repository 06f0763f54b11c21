"""Judging an indicator from its words alone: name, definition, use, target -> refuse, allow, context, or review.

Rules on words, in a fixed order, each explained; no probability, nothing learnt. What is not known is sent to review,
never allowed: allowing takes the words of a legitimate service and no word that shows people's lives nearby. Rules
R1 to R12 and A1 to A8 are told in docs/rights.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from answerable.definition.lexicon import lexicon, normal
from answerable.definition.topics import PROTECTED
from answerable.values.text import Language, Text

__all__ = ["OUTCOMES", "Judgement", "Outcome", "named", "screen"]

Outcome = Literal["refuse", "allow", "allow_context", "review"]
OUTCOMES: Mapping[Outcome, Text] = {
    "refuse": Text(zh="拒绝", en="refuse"),
    "allow": Text(zh="允许", en="allow"),
    "allow_context": Text(zh="只作背景", en="context only"),
    "review": Text(zh="须审定", en="review"),
}
"""What each outcome is called."""

Use = Literal["scored", "payment", "veto", "context", "unknown"]

_PHRASES: Mapping[str, tuple[tuple[str, ...], Text]] = {
    "policy_compliance": (("R1", "R8"), PROTECTED["policy_compliance"][1]),
    "removal_obstructed": (("R3", "R10"), Text(zh="阻拦停用、取出", en="standing in the way of a removal")),
    "procedure": (("R4",), Text(zh="流产、手术", en="abortions and procedures")),
    "pregnancy_check": (("R4", "R7"), Text(zh="孕检、孕情监测", en="pregnancy checks and surveillance")),
}
"""Turns of phrase that stand under more rules than their topic, or are none; the others are topics of a field."""

_REASONS: Mapping[str, Text] = {
    "refuse": Text(
        zh="涉及{zh}，不得计分、设目标、排名、否决或付费",
        en="about {en}: never scored, targeted, ranked, vetoed or paid for",
    ),
    "never": Text(zh="涉及{zh}，不计分也不得收集", en="about {en}: not even collected"),
    "context": Text(zh="涉及{zh}，只作规划背景，不计分", en="about {en}: planning context only, without a score"),
    "maternal": Text(
        zh="孕产妇或新生儿保健：提供服务可以考核，接受与否不行；须由人审定不会变成孕情监测",
        en="maternal or newborn care: the offer may be assessed, the uptake not; a person must look",
    ),
    "each": Text(
        zh="涉及{zh}，看不出是汇总数，须由人审定不是个人记录",
        en="about {en}, and no plain count: a person must see that it records nobody",
    ),
    "accuracy": Text(zh="涉及{zh}的复核准确性：须由人审定", en="accuracy of figures about {en}: a person must look"),
    "denominator": Text(zh="{zh}只作分母：须由人审定", en="{en} as a pure denominator: a person must look"),
    "sensitive": Text(
        zh="含有与个人、家庭有关的字词，须由人审定", en="words about persons or families: a person must look"
    ),
    "near": Text(
        zh="与个人、家庭有关，只作规划背景，不计分",
        en="about persons or families: planning context only, without a score",
    ),
    "unclear": Text(zh="既像服务又涉及{zh}，须由人审定", en="a service, yet about {en}: a person must look"),
    "unknown": Text(zh="看不出属于哪类服务，须由人设定主题", en="no known service: a person must set the topic"),
    "pressure": Text(
        zh="含有劝说、附条件的字词，须由人审定", en="words of persuasion or conditions: a person must look"
    ),
    "use": Text(zh="没有说明用途，须由人审定", en="its use is not said: a person must look"),
    "veto": Text(zh="一票否决须有法定依据，须由人审定", en="a veto needs a legal basis: a person must look"),
    "allow": Text(zh="考核的是服务：{zh}", en="it assesses a service: {en}"),
}

_SERVICE_WORDS: Mapping[str, Text] = {
    "A1": Text(zh="工作过程与公开", en="process and openness"),
    "A2": Text(zh="人员、培训、服务点、托育", en="staffing, training, service points, childcare"),
    "A3": Text(zh="物资供应与订货准确", en="supply and order accuracy"),
    "A4": Text(zh="知情选择、同意、隐私、随到随取", en="informed choice, consent, privacy, removal on request"),
    "A5": Text(zh="投诉得到解决", en="complaints resolved"),
    "A6": Text(zh="报送及时、完整、真实，问题整改", en="returns in time, complete and true; findings closed"),
    "A7": Text(zh="待遇足额按时发放", en="benefits paid in full and on time"),
    "A8": Text(zh="匿名满意度", en="anonymous satisfaction"),
}

_USES: tuple[tuple[Use, str], ...] = (
    ("veto", r"veto|否决"),
    ("payment", r"pay|bonus|incentive|reward|付费|奖惩|奖励|扣款|拨款|资金|绩效"),
    ("scored", r"scor|target|goal|rank|grad|points|计分|考核|评分|目标|指标|排名|得分"),
    ("context", r"context|planning|background|for information|nothing|背景|规划|参考|无"),
)

_NO_USE = re.compile(
    r"(?:not|never|un) ?(?:scored|ranked|graded)|no (?:score|target|payment|veto)|不(?:计分|考核|排名)"
)
"""The strictest use that is named holds, but a use that is denied is none."""

_CLINICAL = frozenset({"contraceptive_user", "method_specific", "client_volume", "procedure"})
_COUNTABLE = frozenset({"birth", "pregnancy", *_CLINICAL})
_NOT_EVEN_CONTEXT = frozenset({"person_record", "collective_liability"})
_NEVER_PLANNING = frozenset({"sanction", "pregnancy_check", "removal_obstructed"})
_BY_INCENTIVE = frozenset({"R1", "R2", "R3", "R4"})


@dataclass(frozen=True)
class Judgement:
    """What follows from the words: the outcome, the rules behind it, why, and which words led to it."""

    outcome: Outcome
    rules: tuple[str, ...]
    reason: Text
    words: tuple[str, ...]

    def line(self, language: Language) -> str:
        """Outcome, rules, reason and words as one line."""
        words = f" [{', '.join(self.words)}]" if self.words else ""
        outcome, rules = OUTCOMES[self.outcome].in_language(language), " ".join(self.rules) or "-"
        return f"{outcome} {rules}: {self.reason.in_language(language)}{words}"


def screen(name: str, definition: str, use: str, target: str) -> Judgement:
    """Judge an indicator from its words, in Chinese, in English or in both mixed.

    Args:
        use: scored, target, payment, veto or context, in either language; anything else is not known.

    >>> screen("Crude birth rate", "births per 1000 population", "scored", "<= 12").rules
    ('R1',)
    >>> screen("Staff present", "staff-days present / posted", "scored", ">= 90%").outcome
    'allow'
    """
    return _Reading(normal(f"{name}. {definition}"), normal(target), _use(use)).judgement


def named(*texts: str, scored: bool) -> Judgement | None:
    """What the names of one element of a programme say against it; None where they say nothing."""
    reading = _Reading(normal(". ".join(texts)), "", "scored" if scored else "context")
    speaks = reading.hits or reading.says("maternal")
    return reading.judgement if speaks and reading.judgement.outcome in ("refuse", "review") else None


def _use(text: str) -> Use:
    plain = _NO_USE.sub("nothing", normal(text))
    return next((use for use, pattern in _USES if re.search(pattern, plain)), "unknown")


@dataclass
class _Reading:
    text: str
    target: str
    use: Use

    @cached_property
    def masked(self) -> str:
        """The text without words that are services whatever stands around them."""
        return lexicon().masks.without(self.text)

    def says(self, what: str) -> bool:
        return bool(self.words_of(what))

    def words_of(self, what: str) -> tuple[str, ...]:
        return lexicon().says[what].found(self.text)

    @cached_property
    def hits(self) -> Mapping[str, tuple[str, ...]]:
        """Protected topics the words point to, each with its words."""
        return lexicon().hits(self.masked)

    @cached_property
    def services(self) -> tuple[str, ...]:
        """Legitimate services the words speak of, A1 to A8."""
        return tuple(
            name
            for name, ways in lexicon().services.items()
            if any(thing.found(self.text) and way.found(self.text) for thing, way in ways)
        )

    @cached_property
    def is_veto(self) -> bool:
        return (
            self.use == "veto"
            or self.says("veto")
            or bool(lexicon().says["veto"].found(self.target))
            or self.target == "veto"
        )

    @cached_property
    def is_context(self) -> bool:
        """Shown without any effect: what ranks, pays or has a target is no context, whatever it is called."""
        effects = lexicon().says["effect"].found(lexicon().says["no_effect"].without(self.masked))
        return self.use == "context" and not effects and self.target in ("", "none", "n/a", "无", "/")

    # -- the order of the rules ------------------------------------------------------------------------------------

    @cached_property
    def judgement(self) -> Judgement:
        for topic in _NOT_EVEN_CONTEXT & set(self.hits):
            return self.refused("never", first=topic)
        if self.is_context:
            return self.as_context()
        if not self.hits:
            return self.without_protected_words()
        judgement = self.exception() or self.refused("refuse")
        if judgement.outcome == "allow" and (self.use == "unknown" or self.says("pressure")):
            return self.told("review", ("R12",), "unclear")
        return judgement

    def as_context(self) -> Judgement:
        if _NEVER_PLANNING & set(self.hits):
            return self.told("review", self.rules(), "unclear")
        if self.hits:
            one_by_one = self.says("each") or (_CLINICAL & set(self.hits) and not self.says("aggregate"))
            if one_by_one:
                return self.told("review", ("R7",), "each")
            return self.told("allow_context", ("R9",), "context")
        if self.services and not self.sensitive:
            return self.allowed()
        if care := self.words_of("maternal"):
            return Judgement("allow_context", ("R9",), _REASONS["near"], care)
        return self.without_protected_words()

    def without_protected_words(self) -> Judgement:
        if self.says("maternal"):
            return self.maternal()
        if self.sensitive:
            return Judgement("review", ("R9",), _REASONS["sensitive"], self.sensitive)
        if not self.services:
            return Judgement("review", (), _REASONS["unknown"], ())
        if self.is_veto:
            return Judgement("review", ("R5",), _REASONS["veto"], ())
        if self.use == "unknown":
            return Judgement("review", (), _REASONS["use"], ())
        if pressure := self.words_of("pressure"):
            return Judgement("review", ("R9",), _REASONS["pressure"], pressure)
        return self.allowed()

    def exception(self) -> Judgement | None:
        """What protected words may still be: a service by them, care, accuracy, a denominator."""
        topics = set(self.hits)
        if self.is_veto or self.use == "payment" or self.says("incentive"):
            return None
        if topics <= {"complaint_count"} and "A5" in self.services and not self.fewer and not self.says("pressure"):
            return self.allowed("A5")
        if topics <= _CLINICAL and (service := self.clinical_service()):
            return service
        if topics <= _COUNTABLE and self.says("accuracy") and not self.words_of("fewer"):
            return self.told("review", ("R12",), "accuracy")
        if topics <= {"birth", "pregnancy"} and self.says("maternal"):
            return self.maternal()
        if lexicon().denominator.found(self.masked) and not lexicon().hits(lexicon().denominator.without(self.masked)):
            return self.told("review", ("R12",), "denominator")
        return None

    def clinical_service(self) -> Judgement | None:
        """Supply, consent and removal on request may name methods, training may for a person; taking one up may not."""
        plain = lexicon().says["training"].without(lexicon().says["consent"].without(self.masked))
        if lexicon().says["uptake"].found(plain):
            return None
        if "A2" in self.services and self.says("training"):
            return self.told("review", ("R12",), "unclear")
        if "A3" in self.services and self.says("supply") and "client_volume" not in self.hits:
            return self.allowed("A3")
        if "A4" not in self.services:
            return None
        clear = "client_volume" not in self.hits and (self.says("on_request") or self.says("consent"))
        return self.allowed("A4") if clear else self.told("review", ("R12",), "unclear")

    @cached_property
    def fewer(self) -> bool:
        """Whether less of it is better; a number of days or a share may well have an upper end."""
        if self.words_of("fewer") or lexicon().says["fewer"].found(self.target):
            return True
        return bool(re.match(r"<|≤|0|at most|no more", self.target)) and not re.search(
            r"%|days?|hours?|天|日|小时|within", f"{self.text} {self.target}"
        )

    # -- words for it ----------------------------------------------------------------------------------------------

    @cached_property
    def sensitive(self) -> tuple[str, ...]:
        return lexicon().sensitive.found(self.masked)

    def rules(self) -> tuple[str, ...]:
        found = dict.fromkeys(rule for topic in self.hits for rule in _phrase(topic)[0])
        effect = self.use == "payment" or self.is_veto or self.says("incentive")
        if effect and _BY_INCENTIVE & set(found):
            found["R5"] = None
        return tuple(sorted(found, key=lambda rule: int(rule[1:])))

    def refused(self, why: str, first: str = "") -> Judgement:
        return self.told("refuse", self.rules(), why, first)

    def told(self, outcome: Outcome, rules: tuple[str, ...], why: str, first: str = "") -> Judgement:
        topics = sorted(self.hits, key=lambda topic: topic != first)
        zh = "、".join(_phrase(topic)[1].zh for topic in topics)
        en = "; ".join(_phrase(topic)[1].en for topic in topics)
        words = tuple(dict.fromkeys(word for topic in topics for word in self.hits[topic]))
        reason = Text(zh=_REASONS[why].zh.format(zh=zh), en=_REASONS[why].en.format(en=en))
        return Judgement(outcome, rules, reason, words)

    def maternal(self) -> Judgement:
        return Judgement("review", ("R9",), _REASONS["maternal"], self.words_of("maternal"))

    def allowed(self, service: str = "") -> Judgement:
        service = service or self.services[0]
        said = _SERVICE_WORDS[service]
        reason = Text(zh=_REASONS["allow"].zh.format(zh=said.zh), en=_REASONS["allow"].en.format(en=said.en))
        return Judgement("allow", (service,), reason, tuple(self.service_words(service)))

    def service_words(self, service: str) -> Iterator[str]:
        for thing, way in lexicon().services[service]:
            if thing.found(self.text) and way.found(self.text):
                yield from dict.fromkeys([*thing.found(self.text), *way.found(self.text)])


def _phrase(topic: str) -> tuple[tuple[str, ...], Text]:
    """The rules that refuse to score a kind of word, and what it is about."""
    if topic in _PHRASES:
        return _PHRASES[topic]
    rule, about = PROTECTED[topic]
    return (rule,), about
