"""The command line. `check`, `screen`, `plan`, `changes`, `schema`, `score`, `buckets`, `late`, `explain`, `what-if`,
`robustness`, `bulletin`, `import` and `verify` need no database server and load nothing of the site; the other commands
are the site's, loaded by name when called.

Exit status: 0 done, 1 found something wrong (verify), 2 input that cannot be used, with every issue on standard error.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module, resources
from pathlib import Path
from typing import Any

from answerable import __version__
from answerable.values import Issue, Period, Place, Refused
from answerable.values.text import Language

__all__ = ["main"]

_DONE, _WRONG, _UNUSABLE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit status."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except Refused as refused:
        language = _language(options)
        for issue in refused.issues:
            print(issue.line_of_text(language), file=sys.stderr)
        return _UNUSABLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="answerable",
        description="Accountability for public service programmes: check, score, explain, publish, verify.",
    )
    parser.add_argument("--version", action="version", version=f"answerable {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    check = _add(commands, "check", _check, "check a programme file and its worked cases", "programme")
    check.add_argument("--print", action="store_true", help="print it as the score sheet an inspector carries")
    check.add_argument("--out", type=Path, metavar="DIR", help="write the score sheet as docx and PDF")
    listed = _add(commands, "screen", _screen, "judge indicators given in words: refuse, allow, or send to review")
    listed.add_argument("file", type=Path, metavar="FILE", help="CSV with the columns name, definition, use, target")
    _add(commands, "plan", _plan, "print every step of scoring in words, in order", "programme")
    changed = _add(commands, "changes", _changes, "list what changed between two versions of a programme")
    changed.add_argument("before", metavar="BEFORE", help="a programme file or folder, or a shipped name")
    changed.add_argument("after", metavar="AFTER", help="the later version, given in the same way")
    _add(commands, "schema", _schema, "print the JSON Schema of a programme file, for editors")
    score = _add(commands, "score", _score, "score tables and write grades, scores and ranks", "programme tables")
    score.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the results are written")
    score.add_argument(
        "--engine", choices=("columns", "duckdb", "spark", "reference"), default="columns", help="default: columns"
    )
    score.add_argument(
        "--spark-master", metavar="URL", default="local[*]", help="address of the cluster; default: this machine"
    )
    score.add_argument(
        "--keep", type=Path, metavar="DIR", help="keep a country in buckets, so that late rows are quick"
    )
    late = _add(commands, "late", _late, "put late rows into buckets and tell what they change", "programme tables")
    late.add_argument("rows", type=Path, metavar="ROWS", help="folder of tables that hold the late rows alone")
    late.add_argument("--keep", type=Path, required=True, metavar="DIR", help="where `score --keep` kept the country")
    buckets = _add(
        commands, "buckets", _buckets, "put the tables of a country into buckets of units", "programme tables"
    )
    buckets.add_argument("--out", type=Path, required=True, metavar="DIR", help="a new folder for the buckets")
    buckets.add_argument("--units", type=int, default=50_000, metavar="N", help="units in a bucket; default: 50000")
    explain = _add(commands, "explain", _explain, "show why a unit has its score", "programme tables")
    explain.add_argument("--unit", required=True, metavar="CODE", help="code of the unit")
    asked = explain.add_mutually_exclusive_group()
    asked.add_argument("--node", metavar="ID", help="one item, part or adjustment, with its source rows")
    asked.add_argument("--since", type=Path, metavar="FILE", help="what changed since an explanation kept as JSON")
    explain.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    trial = _add(commands, "what-if", _what_if, "try a change to a programme on tables, and see who moves", "programme")
    trial.add_argument("tables", nargs="?", type=Path, metavar="TABLES", help="folder of CSV or Parquet")
    trial.add_argument("--period", help="2025 or 2025-01..2025-06; default: the programme's first year")
    trial.add_argument("--list", action="store_true", help="print the numbers that can be changed")
    trial.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="ADDRESS=VALUE",
        help="a number to try; may be repeated",
    )
    trial.add_argument("--with", dest="other", metavar="OTHER", help="another programme to try instead")
    trial.add_argument("--out", type=Path, metavar="DIR", help="write who moves, and the changed file")
    robustness = _add(
        commands,
        "robustness",
        _robustness,
        "tell how firm grades and places are under other weights",
        "programme tables",
    )
    robustness.add_argument("--draws", type=int, default=1000, metavar="N", help="draws of weights; default: 1000")
    robustness.add_argument("--within", default="25%", metavar="SHARE", help="more or less of a weight; default: 25%%")
    robustness.add_argument("--seed", metavar="TEXT", help="default: the digest of the scorecard")
    robustness.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the tables are written")
    bulletin = _add(commands, "bulletin", _bulletin, "write the bulletin as docx and PDF", "programme tables")
    bulletin.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the documents are written")
    brought = commands.add_parser("import", help="bring in data of another system")
    systems = brought.add_subparsers(title="systems", required=True, metavar="SYSTEM")
    dhis2 = _add(systems, "dhis2", _import_dhis2, "metadata, units and values of DHIS2, in any order, gzip or not")
    dhis2.add_argument("files", nargs="+", type=Path, metavar="FILE")
    dhis2.add_argument("--out", type=Path, required=True, metavar="TABLES", help="folder the tables are written to")
    verify = _add(commands, "verify", _verify, "find any change to what an installation has recorded")
    verify.add_argument("path", type=Path, metavar="PATH", help="the SQLite file of an installation")
    verify.add_argument("--evidence", type=Path, metavar="DIR", help="folder of evidence files; default: beside PATH")
    demo = _add(commands, "demo", _site_command, "make the demo district and open it at http://127.0.0.1:8000")
    demo.add_argument("--no-serve", action="store_true", help="make it, print the sign-in names, and stop")
    demo.add_argument("--port", type=int, default=8000, help="default: 8000")
    return parser


def _add(
    commands: Any, name: str, command: Callable[[argparse.Namespace], int], says: str, inputs: str = ""
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=says, description=says[0].upper() + says[1:] + ".")
    parser.set_defaults(command=command, name=name)
    parser.add_argument("--lang", choices=("zh", "en"), help="language of what is printed; default: the system's")
    if "programme" in inputs:
        parser.add_argument("programme", metavar="PROGRAMME", help="a programme file or folder, or a shipped name")
    if "tables" in inputs:
        parser.add_argument("tables", type=Path, metavar="TABLES", help="folder of CSV or Parquet; see docs/tables.md")
        parser.add_argument("--period", help="2025 or 2025-01..2025-06; default: the programme's first year")
    return parser


def _language(options: argparse.Namespace) -> Language:
    if options.lang:
        return "zh" if options.lang == "zh" else "en"
    system = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if system.startswith("zh") else "en"


def programme_path(name: str) -> Path:
    """The path of a programme given by path or by the name it is shipped under."""
    if not name.isidentifier() or Path(name).exists():
        return Path(name)
    return Path(str(resources.files("answerable.programmes").joinpath(name)))


def _counts(programme: Any, language: Language) -> str:
    """How much a sound programme holds, in a line."""
    items = sum(1 for _ in programme.tree.items())
    held = {"form": len(programme.forms), "indicator": len(programme.indicators), "item": items}
    if language == "zh":
        return "月报表 {form} 张，指标 {indicator} 个，考核项目 {item} 项，没有问题".format_map(held)
    return ", ".join([*(f"{count} {name}{'' if count == 1 else 's'}" for name, count in held.items()), "no issues"])


def _read(options: argparse.Namespace) -> Any:
    return import_module("answerable.definition").read_programme(programme_path(options.programme))


def _period(options: argparse.Namespace, programme: Any) -> Period:
    if not options.period:
        return Period.of_year(programme.valid_from.year)
    try:
        return Period.parse(options.period)
    except ValueError as error:
        raise Refused([Issue("command.no_such_period", Place(), {"period": options.period})]) from error


def _tables(options: argparse.Namespace, programme: Any) -> Any:
    return import_module("answerable.exchange.tables").read_tables(options.tables, programme)


def _check(options: argparse.Namespace) -> int:
    programme = _read(options)
    issues = import_module("answerable.exchange.cases").run_cases(programme_path(options.programme), programme)
    if issues:
        raise Refused(issues)
    if options.print or options.out:
        return _score_sheet(options, programme)
    title = programme.title.in_language(_language(options))
    print(f"{programme.id} {programme.version} · {title}")
    print(_counts(programme, _language(options)))
    print(import_module("answerable.definition.burden").fields_a_year(programme).line(_language(options)))
    for review in programme.reviews:
        print(f"reviewed {review.day} · {review.by} · {review.id}: {review.because.in_language(_language(options))}")
    print(f"sha256 {programme.digest}")
    return _DONE


def _screen(options: argparse.Namespace) -> int:
    screening = import_module("answerable.definition.screening")
    language = _language(options)
    judged = [
        (one, screening.screen(one.name, one.definition, one.use, one.target))
        for one in import_module("answerable.exchange.indicator_list").read_indicator_list(options.file)
    ]
    for one, judgement in judged:
        print(f"{one.line}  {one.name or one.definition}\n    {judgement.line(language)}")
    counts = [
        f"{words.in_language(language)} {sum(1 for _, judgement in judged if judgement.outcome == outcome)}"
        for outcome, words in screening.OUTCOMES.items()
    ]
    print(" · ".join(counts))
    return _DONE


def _score_sheet(options: argparse.Namespace, programme: Any) -> int:
    sheets = import_module("answerable.exchange.score_sheet")
    if options.print:
        sheet = sheets.score_sheet(programme, _language(options))
        print(import_module("answerable.exchange.plain").text(sheet), end="")
    if not options.out:
        return _DONE
    return _documents(options, lambda language: sheets.write_score_sheet(programme, language, options.out))


def _documents(options: argparse.Namespace, write: Callable[[Language], Sequence[Path]]) -> int:
    """Write a document in each language and print the files."""
    languages: tuple[Language, ...] = (options.lang,) if options.lang else ("zh", "en")
    issues: list[Issue] = []
    for language in languages:
        try:
            print("\n".join(str(file) for file in write(language)))
        except Refused as refused:  # no Chinese type here: the docx is written, and the other language may still be
            issues += refused.issues
    if issues:
        raise Refused(issues)
    return _DONE


def _changes(options: argparse.Namespace) -> int:
    read = import_module("answerable.definition").read_programme
    before, after = (read(programme_path(name)) for name in (options.before, options.after))
    comparison = import_module("answerable.definition.changes")
    print(f"{before.id} {before.version} → {after.id} {after.version}")
    print("\n".join(comparison.listed(comparison.changes(before, after), _language(options))))
    return _DONE


def _plan(options: argparse.Namespace) -> int:
    report = import_module("answerable.exchange.plan_words").plan_in_words(_read(options), _language(options))
    print(import_module("answerable.exchange.plain").text(report), end="")
    return _DONE


def _schema(options: argparse.Namespace) -> int:
    schema = import_module("answerable.definition.schema").programme_schema()
    print(json.dumps(schema, ensure_ascii=False, indent=2))
    return _DONE


def _score(options: argparse.Namespace) -> int:
    programme = _read(options)
    period = _period(options, programme)
    # What is missing for an engine is said before minutes of reading.
    engine = import_module("answerable.scoring.run").engine_of(options.engine)
    if options.engine == "spark":
        engine.started(options.spark_master)
    scorecards = import_module("answerable.exchange.scorecards")
    made = scorecards.score_folder(programme, options.tables, period, options.engine, options.out, options.keep)
    print(f"{programme.id} {programme.version} · {period} · {options.engine}")
    for kind, counts in scorecards.counts(programme, made.grades, _language(options)):
        print(f"  {kind}: {counts}")
    if made.share:
        print(scorecards.share_in_words(made.share, _language(options)))
    print(f"scorecard sha256 {made.digest}")
    print("\n".join(f"  {file}" for file in made.files))
    return _DONE


def _buckets(options: argparse.Namespace) -> int:
    split = import_module("answerable.exchange.tables").split_tables
    print("\n".join(str(file) for file in split(options.tables, _read(options), options.out, options.units)))
    return _DONE


def _late(options: argparse.Namespace) -> int:
    programme = _read(options)
    late = import_module("answerable.exchange.late")
    period, language = _period(options, programme), _language(options)
    for bucket, moved in late.bring_late(programme, options.tables, options.rows, period, options.keep):
        print("\n".join(late.told(programme, bucket, moved, language)))
    return _DONE


def _explain(options: argparse.Namespace) -> int:
    programme = _read(options)
    explanations = import_module("answerable.scoring.explain")
    period = _period(options, programme)
    tables = import_module("answerable.exchange.tables").read_bucket_of(options.tables, programme, options.unit)
    explanation = explanations.explain(programme, tables, period, options.unit)
    if options.since:
        return _since(options, explanation)
    if options.format == "json":
        said = explanation.node(options.node) if options.node else explanation.document
        print(json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True))
    else:
        words = import_module("answerable.scoring.explain_words")
        print(words.text(explanation, _language(options), options.node), end="")
    return _DONE


def _since(options: argparse.Namespace, explanation: Any) -> int:
    earlier = import_module("answerable.exchange.explanations").read_explanation(options.since)
    changes = import_module("answerable.scoring.since").changes_since(earlier, explanation.document)
    if options.format == "json":
        print(json.dumps(changes, ensure_ascii=False, indent=1, sort_keys=True))
    else:
        words = import_module("answerable.scoring.since_words")
        print(words.text(changes, _language(options)), end="")
    return _DONE


def _what_if(options: argparse.Namespace) -> int:
    definition, trials = import_module("answerable.definition"), import_module("answerable.exchange.trials")
    file, source = definition.reader.programme_file(programme_path(options.programme))
    programme, language = definition.read(source, file), _language(options)
    if options.list:
        print("\n".join(trials.settings_listed(source, language)))
        return _DONE
    if not options.tables or bool(options.set) == bool(options.other):
        raise Refused([Issue("trial.nothing_to_try")])
    period = _period(options, programme)
    if options.other:
        other = definition.read_programme(programme_path(options.other))
        tried = trials.try_programme(programme, other, options.tables, period)
    else:
        tried = trials.try_numbers(source, file, trials.change_of(options.set), options.tables, period)
    print("\n".join(trials.told(tried, language)))
    if options.out:
        print("\n".join(f"  {written}" for written in trials.write_trial(tried, options.out)))
    return _DONE


def _bulletin(options: argparse.Namespace) -> int:
    programme = _read(options)
    period = _period(options, programme)
    tables = _tables(options, programme)
    scorecard = import_module("answerable.scoring").score(programme, tables, period)
    write = import_module("answerable.exchange.bulletin").write_bulletin
    return _documents(options, lambda language: write(programme, scorecard, tables, language, options.out))


def _robustness(options: argparse.Namespace) -> int:
    programme = _read(options)
    period, language = _period(options, programme), _language(options)
    scorecard = import_module("answerable.scoring").score(programme, _tables(options, programme), period)
    robustness = import_module("answerable.exchange.robustness")
    found = robustness.robustness_of(programme, scorecard, options.draws, options.within, options.seed)
    files = robustness.write_robustness(found, options.out)
    print("\n".join([f"{programme.id} {programme.version} · {period}", *robustness.told(programme, found, language)]))
    print("\n".join(f"  {file}" for file in files))
    return _DONE


def _import_dhis2(options: argparse.Namespace) -> int:
    report = import_module("answerable.exchange.dhis2").import_dhis2(options.files, options.out)
    print(report.text(_language(options)), end="")
    return _DONE


def _verify(options: argparse.Namespace) -> int:
    verification = import_module("answerable.exchange.verification")
    evidence = options.evidence or verification.evidence_beside(options.path)
    report = verification.verify_archive(options.path, evidence)
    print("\n".join(report.lines(_language(options))))
    return _DONE if report.sound else _WRONG


def _site_command(options: argparse.Namespace) -> int:
    status: int = import_module(f"answerable.site.{options.name}").run(options)
    return status


if __name__ == "__main__":
    sys.exit(main())
