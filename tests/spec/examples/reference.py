"""Prints the reference of the programme language from the examples, in both languages: `make reference`.

What an example means is said by the house itself: rules, formulas, vetoes and limits in the words that agreements and
score sheets print, so that the reference and they cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from answerable.definition import Programme
from answerable.definition.formula import show
from answerable.definition.formula_words import formula_in_words, rule_in_words
from answerable.definition.limits import Limit, limits
from answerable.definition.model import Target, Usual
from answerable.definition.syntax import parse
from answerable.definition.wording import WORDS, label, missing_in_words, rounding_in_words, word
from answerable.values.number import text_of
from answerable.values.text import LANGUAGES, Language, Text
from tests.spec.examples.example import (
    EMPTY,
    NOTHING,
    UNDEFINED,
    UNFILED,
    Example,
    Formula,
    Formulas,
    Page,
    Section,
    pages,
    read_entries,
    text,
)

__all__ = ["FOLDER", "reference"]

FOLDER = Path(__file__).parents[3] / "docs" / "reference"
MADE = Text(
    zh="<!-- 由 `make reference` 从 tests/spec/examples 生成，请勿直接修改。 -->",
    en="<!-- Made by `make reference` from tests/spec/examples: change those, never this file. -->",
)
HEADS = {
    "available": Text(zh="可评分值", en="assessable points"),
    "grade": Text(zh="等次", en="grade"),
    "kind": Text(zh="单位类别", en="kind of unit"),
    "parent": Text(zh="上级单位", en="unit above"),
    "peer_group": Text(zh="同类组", en="peer group"),
    "place": Text(zh="名次 / 参加排名的单位数", en="place / units ranked"),
    "points": Text(zh="得分", en="points"),
    "state": Text(zh="指标情况", en="state of the indicator"),
    "total": Text(zh="总分", en="total"),
    "unit": Text(zh="单位", en="unit"),
    "value": Text(zh="值", en="value"),
    "vetoes": Text(zh="否决", en="veto"),
}
CELLS = {
    EMPTY: Text(zh="空格", en="left empty"),
    NOTHING: Text(zh="—", en="—"),
    UNFILED: Text(zh="未报送", en="not filed"),
    UNDEFINED: Text(zh="没有结果", en="undefined"),
    "not_rated": Text(zh="不评等次", en="not rated"),
    "scored": Text(zh="有数据", en="known"),
}
MEANT = (
    *("panels", "matters", "targets", "indicators", "tree", "adjustments", "adjustments_together", "vetoes", "grades"),
    *("ranks", "rounding"),
)
"""The parts of a fragment that are put into words, in order."""
IN_WORDS = Text(zh="意思", en="In words")
TABLES = {
    "agreements": Text(zh="责任书", en="agreements"),
    "corrections": Text(zh="整改", en="corrections"),
    "earlier": Text(zh="上年的指标", en="indicators of the year before"),
    "findings": Text(zh="检查发现", en="findings"),
    "matters": Text(zh="各级认定的事项", en="matters decided on"),
    "ratings": Text(zh="人工评分", en="scores given by hand"),
    "recounts": Text(zh="复核项", en="recounts"),
    "returns-monthly": Text(zh="月报表", en="monthly returns"),
    "targets": Text(zh="各单位的目标", en="targets of units"),
    "units": Text(zh="单位", en="units"),
    "visits": Text(zh="核查", en="visits"),
}


def reference() -> dict[str, str]:
    """Every file of the reference by its name."""
    made = {}
    for language in LANGUAGES:
        made[_file("README", language)] = _Printer(language).index()
        for page in pages():
            made[_file(page.name, language)] = _Printer(language).page(page)
    return made


def _file(name: str, language: Language) -> str:
    return f"{name}.md" if language == "en" else f"{name}.zh-CN.md"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


@dataclass(frozen=True)
class _Printer:
    """Everything in one language."""

    language: Language

    def say(self, zh: str, en: str) -> str:
        return zh if self.language == "zh" else en

    def word(self, words: Text) -> str:
        return words.in_language(self.language)

    def whole(self, *blocks: str) -> str:
        """A file: blocks with an empty line between, those that are empty left out."""
        return "\n\n".join(block for block in (self.word(MADE), *blocks) if block) + "\n"

    def other(self, name: str) -> str:
        other: Language = "en" if self.language == "zh" else "zh"
        return f"[{self.say('English', '中文')}]({_file(name, other)})"

    # -- the first page --------------------------------------------------------------------------------------------

    def index(self) -> str:
        made = read_entries("index")
        return self.whole(
            f"# {self.word(text(made['title']))}",
            self.other("README"),
            self.word(text(made["about"])),
            *self.contents(),
            *self.kinds(),
            *self.published(),
        )

    def contents(self) -> Iterator[str]:
        yield f"## {self.say('各页', 'Pages')}"
        for page in pages():
            lines = [f"**[{self.word(page.title)}]({_file(page.name, self.language)})**", ""]
            for section in page.sections:
                links = self.say("、", ", ").join(self.link(page, entry) for entry in section.entries)
                lines.append(f"- {self.word(section.title)}{self.say('：', ': ')}{links}")
            yield "\n".join(lines)

    def link(self, page: Page, entry: Example | Formula) -> str:
        return f"[{self.word(entry.title)}]({_file(page.name, self.language)}#{entry.id})"

    def begun(self, said: str) -> str:
        """With a capital in front."""
        return said[:1].upper() + said[1:]

    def links(self, shows: Callable[[Example | Formula], bool]) -> str:
        found = [self.link(page, entry) for page in pages() for entry in page.entries if shows(entry)]
        return self.say("、", ", ").join(found)

    def kinds(self) -> Iterator[str]:
        """The kinds of rule that schemes need, each with the entries that show it."""
        made = read_entries("index")
        yield f'<a id="kinds"></a>\n\n## {self.say("二十八种计分做法", "Twenty-eight kinds of rule")}'
        yield self.say(
            "公开的考核方案里见到的做法，以及本语言怎样写。",
            "What published schemes do, and how it is written here.",
        )
        rows = []
        for number, title in made["kinds"].items():
            how = self.links(lambda entry, number=number: number in entry.kinds)  # type: ignore[misc]
            rows.append((number, self.word(text(title)), how or self.word(text(made["open"][number]))))
        yield _table(("", self.say("做法", "Kind"), self.say("写法", "Written")), rows)

    def published(self) -> Iterator[str]:
        """The published rules that are reproduced."""
        yield f'<a id="published"></a>\n\n## {self.say("已公布的计分规则", "Published rules")}'
        yield self.say(
            "下列规则来自公开的考核文件，只取其算法；例子的结果按来源所述的算法得出。编号为本项目内部所用。",
            "These rules come from published schemes, of which only the arithmetic is taken; the examples give what it "
            "gives. The numbering is ours.",
        )
        rows = []
        for name, source in read_entries("index")["published"].items():
            how = self.links(lambda entry, name=name: name in entry.published)  # type: ignore[misc]
            rows.append((name, self.word(text(source)), how))
        yield _table(("", self.say("来源", "Source"), self.say("写法", "Written")), rows)

    # -- pages -----------------------------------------------------------------------------------------------------

    def page(self, page: Page) -> str:
        home = f"[{self.say('目录', 'Contents')}]({_file('README', self.language)})"
        blocks = [f"# {self.word(page.title)}", f"{home} · {self.other(page.name)}", self.word(page.about)]
        shown = None
        for section in page.sections:
            blocks += self.section(section, known=section.tables == shown)
            shown = section.tables
        return self.whole(*blocks)

    def section(self, section: Section, known: bool) -> Iterator[str]:
        """A section; tables that are known from the one before are not shown again."""
        yield f"## {self.word(section.title)}"
        yield self.word(section.about) if section.about else ""
        for example in section.examples:
            yield from self.example(example)
        if section.tables:
            yield from () if known else self.tables(section.tables)
            for formula in section.formulas:
                yield from self.formula(formula, section.tables)

    def head(self, entry: Example | Formula) -> Iterator[str]:
        named = f" · `{entry.named}`" if entry.named else ""
        yield f'<a id="{entry.id}"></a>\n\n### {self.begun(self.word(entry.title))}{named}'
        yield self.word(entry.says)

    def also(self, entry: Example | Formula) -> str:
        """Which kinds and published rules an entry shows."""
        home, made = _file("README", self.language), read_entries("index")
        said = []
        if entry.kinds:
            numbers = self.say("、", ", ").join(f"[{number}]({home}#kinds)" for number in entry.kinds)
            said.append(self.say(f"做法 {numbers}", f"Kind {numbers}"))
        for name in entry.published:
            source = self.word(text(made["published"][name]))
            rule = self.say(
                f"已公布的规则 [{name}]({home}#published)：", f"Published rule [{name}]({home}#published): "
            )
            said.append(rule + source)
        return "  \n".join(said)

    # -- examples --------------------------------------------------------------------------------------------------

    def example(self, example: Example) -> Iterator[str]:
        yield from self.head(example)
        yield f"```yaml\n{example.written.rstrip()}\n```"
        yield "\n".join(f"- {line}" for line in self.means(example))
        yield from self.stored(example.tables)
        yield self.rows(example)
        yield self.also(example)

    def rows(self, example: Example) -> str:
        columns = (*example.given, *example.gives)
        left = [self.given(column, example) for column in example.given]
        right = [f"**{self.result(column, example)}**" for column in example.gives]
        rows = [[self.cell(column, row[column], example) for column in columns] for row in example.rows]
        return _table([*left, *right], rows)

    def given(self, column: str, example: Example) -> str:
        """What a column on the left is called, with its name in the file."""
        if column in HEADS and column not in example.figures:
            return self.word(HEADS[column])
        name, _, month = column.partition("@")
        title = self.word(example.words[name])
        if month:
            return self.say(f"{title}，{month}月", f"{title}, month {month}")
        return f"`{name}`" if title == name.replace("_", " ") else f"{title} `{name}`"

    def result(self, column: str, example: Example) -> str:
        asked, _, of = column.partition(" of ")
        if not of:
            return self.word(HEADS[asked])
        title = self.word(example.words[of])
        if of in example.figures and asked == "value":
            return self.say(f"取舍后的{title}", f"{title} as rounded")
        if asked == "value" or of in (one["id"] for one in example.fragment.get("adjustments", ())):
            return title
        return self.say(f"{title}{HEADS[asked].zh}", f"{HEADS[asked].en} of {title}")

    def cell(self, column: str, cell: str, example: Example) -> str:
        if column in ("grade", "vetoes", "kind") and cell in example.words:
            return self.word(example.words[cell])
        return self.state(cell)

    def state(self, cell: str) -> str:
        """A cell as it stands, or in words why there is nothing in it."""
        if cell in CELLS:
            return self.word(CELLS[cell])
        return self.word(word("absence", cell)) if cell in WORDS["absence"] else cell

    def means(self, example: Example) -> Iterator[str]:
        """The fragment in words, part by part."""
        programme, fragment = example.programme, example.fragment
        alone = [node.get("id") for node in fragment.get("tree", [])] == ["item"]
        for part in MEANT:
            if part in fragment:
                yield from getattr(self, f"_{part}")(programme, example)
        if alone and "rule" in fragment["tree"][0]:
            item = next(programme.tree.items())
            yield f"{self.say('展开式', 'Written out')}{self.say('：', ': ')}`{show(item.formula)}`"
        if example.refused:
            instead = example.refused["to"]
            yield self.say(f"写成 `{instead}` 则方案被退回。", f"With `{instead}` the programme is refused.")

    def told(self, title: Text, said: str) -> str:
        return f"{self.begun(self.word(title))}{self.say('：', ': ')}{said.rstrip('。.')}{self.say('。', '.')}"

    def _panels(self, programme: Programme, example: Example) -> Iterator[str]:
        for one in programme.panels:
            most = text_of(one.most)
            said = self.say(f"每人评0至{most}分，并说明理由", f"each rater gives 0 to {most} points, and says why")
            yield self.told(one.title, said)

    def _matters(self, programme: Programme, example: Example) -> Iterator[str]:
        for one in programme.matters:
            levels = self.say("、", ", ").join(self.word(level.title) for level in one.levels)
            many = len(one.levels) > 1
            said = f"级别从高到低为{levels}" if many else f"级别为{levels}"
            yield self.told(one.title, self.say(said, f"levels from the highest down: {levels}" if many else levels))

    def _targets(self, programme: Programme, example: Example) -> Iterator[str]:
        for one in programme.targets:
            usual = self.say("；", "; ").join(self.usual(programme, one, value) for value in one.usual)
            yield self.told(one.title, usual or self.say("没有通常值", "no usual value"))

    def usual(self, programme: Programme, target: Target, usual: Usual) -> str:
        """A target's usual value, from when on and for whom."""
        value = f"{text_of(usual.value * 100)}%" if target.measure == "share" else text_of(usual.value)
        kinds = self.say("、", ", ").join(self.word(programme.unit_kinds[kind]) for kind in usual.kinds)
        return self.say(
            f"{usual.start}年起，{kinds + '的' if kinds else ''}通常值为{value}",
            f"usually {value} from {usual.start} on{f' for each {kinds}' if kinds else ''}",
        )

    def _adjustments_together(self, programme: Programme, example: Example) -> Iterator[str]:
        yield from self._limits(programme, "together", label("together"))

    def _limits(self, programme: Programme, kind: Limit, title: Text) -> Iterator[str]:
        for one, _, said in limits(programme):
            if one == kind:
                yield self.told(title, self.word(said).removeprefix("Together "))

    def _indicators(self, programme: Programme, example: Example) -> Iterator[str]:
        for made in example.fragment["indicators"]:
            indicator = programme.indicator(made["id"])
            said = formula_in_words(indicator.formula, programme, self.language)
            missing = self.word(missing_in_words(indicator.missing)) if "missing" in made else ""
            yield self.told(indicator.title, self.say("；", "; ").join(filter(None, (said, missing))))

    def _tree(self, programme: Programme, example: Example) -> Iterator[str]:
        plain = [item for item in programme.tree.items() if show(item.formula) not in ("value",)]
        for item in plain:
            said = self.word(rule_in_words(item, programme))
            absent = {word("absent", fate) for fate in item.absent.values()}
            if len(absent) > 1:
                fates = (
                    f"{self.word(word('absence', name))}{self.say('：', ': ')}{self.word(word('absent', fate))}"
                    for name, fate in item.absent.items()
                )
                said = f"{said.rstrip('。.')}{self.say('；', '; ')}{self.say('；', '; ').join(fates)}"
            yield self.told(IN_WORDS if item.id == "item" else item.title, said)
        yield from self._limits(programme, "part", IN_WORDS)

    def _adjustments(self, programme: Programme, example: Example) -> Iterator[str]:
        for one in programme.adjustments:
            yield self.told(one.title, self.word(one.in_words()))

    def _vetoes(self, programme: Programme, example: Example) -> Iterator[str]:
        for veto in programme.vetoes:
            when = self.word(programme.indicator(veto.when).title)
            effect = self.word(programme.effect(veto))
            yield self.told(veto.title, self.say(f"“{when}”大于0的，{effect}", f"where “{when}” is above 0, {effect}"))

    def _grades(self, programme: Programme, example: Example) -> Iterator[str]:
        grades = programme.grades
        if "bands" in example.fragment["grades"]:
            bands = self.say("、", ", ").join(self.begins(band.title, str(band.start)) for band in grades.bands)
            yield self.told(label("bands"), bands)
        for kind, grade, said in limits(programme):
            if kind not in ("part", "together"):
                title = {"bands": label("other_bands"), "step": label("steps")}.get(kind)
                yield self.told(title or grades.title(grade), self.word(said))
        for key in ("on", "rated_from"):
            if key in example.fragment["grades"] and "bands" not in example.fragment["grades"]:
                told = self.word(word(key, grades.on)) if key == "on" else str(grades.rated_from)
                yield self.told(label(key), told)

    def begins(self, title: Text, start: str) -> str:
        return self.say(f"{title.zh}{start}分起", f"{title.en} from {start}")

    def _ranks(self, programme: Programme, example: Example) -> Iterator[str]:
        for rank in programme.ranks:
            keys = ("within", "on", "ties")
            pairs = ((self.word(label(key)), self.word(word(key, getattr(rank, key)))) for key in keys)
            yield self.told(rank.title, self.say("；", "; ").join(self.say("：", ": ").join(pair) for pair in pairs))

    def _rounding(self, programme: Programme, example: Example) -> Iterator[str]:
        for stage, written in example.fragment["rounding"].items():
            if stage == "add":
                yield self.told(label("add"), self.word(word("add", written)))
            else:
                yield self.told(label(stage), self.word(rounding_in_words(getattr(programme.rounding, stage))))

    # -- formulas --------------------------------------------------------------------------------------------------

    def tables(self, tables: Formulas) -> Iterator[str]:
        if tables.written:
            yield f"```yaml\n{tables.written.rstrip()}\n```"
        yield from self.stored(tables.tables)
        for name, formula in tables.indicators.items():
            yield self.say(f"指标 `{name}`：`{formula}`", f"The indicator `{name}`: `{formula}`")

    def stored(self, tables: Mapping[str, Sequence[Mapping[str, str]]]) -> Iterator[str]:
        """Tables as they are stored; one that says no more than that there is a unit is left out."""
        for name, rows in tables.items():
            if list(rows[0]) != ["unit"]:
                title = self.word(TABLES[name]) if name in TABLES else name
                yield f"`{name}`" if title == name else f"{self.begun(title)} `{name}`"
                cells = [[self.state(cell) for cell in row.values()] for row in rows]
                yield _table([f"`{column}`" for column in rows[0]], cells)

    def formula(self, formula: Formula, tables: Formulas) -> Iterator[str]:
        yield from self.head(formula)
        programme, units = tables.programme(list(formula.asks)), tables.units
        head = [self.say("公式", "formula"), self.say("意思", "in words")]
        results = [f"**{unit}**" for unit in units] if len(units) > 1 else [f"**{self.word(HEADS['value'])}**"]
        rows = [
            [
                f"`{asked}`",
                formula_in_words(parse(asked), programme, self.language),
                *(self.state(cell) for cell in given),
            ]
            for asked, given in formula.asks.items()
        ]
        yield _table([*head, *results], rows)
        yield self.also(formula)


def write(folder: Path) -> None:
    """Write the reference, and take away what is no longer part of it."""
    folder.mkdir(parents=True, exist_ok=True)
    made = reference()
    for old in folder.glob("*.md"):
        if old.name not in made:
            old.unlink()
    for name, content in made.items():
        (folder / name).write_text(content, "utf-8")


if __name__ == "__main__":
    write(FOLDER)
