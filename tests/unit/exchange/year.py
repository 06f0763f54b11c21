"""A month of five units small enough to reckon by hand, and one of many units.

District d1 stands above facilities f1 to f4. The share of work done is worth 70 points, corrections closed in time 30
where there are any. f1 did all and has no correction due: 70 of 70, that is 100. f2 did 8 of 10 and closed in time: 86,
but a falsified return is proven. f3 did 5 of 10, closed one correction late and one not: 35. f4 filed nothing.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from answerable.definition import Programme, read, schemas
from answerable.scoring import Scorecard, score
from answerable.values import Period, Table, Tables

PROGRAMME = """\
programme: small
version: "7"
title: {zh: 小区服务责任目标考核方案与细则, en: Small district services}
office: {zh: 小区项目办公室, en: Small programme office}
legal_basis: [law#7, law#9-11, plan#assessment]
in_force: {from: 2025-01-01, until: 2026-01-01}
time_zone: Asia/Shanghai
units:
  kinds: {facility: {zh: 机构, en: Facility}, district: {zh: 片区, en: District}}
  assess: [district, facility]
agreement: {sign_by: 01-31}
sources:
  - {id: law, title: {zh: 服务法, en: Services Law}}
  - {id: plan, title: {zh: 《工作规划》, en: Work Plan}}
forms:
  - id: monthly
    title: {zh: 月报表, en: Monthly return}
    owner: office
    clause: law#1
    due: {day: 5, months_after: 1}
    fields:
      - {id: due, title: {zh: 应办, en: Due}, measure: count, topic: service_delivery, owner: unit, use: scored}
      - {id: done, title: {zh: 已办, en: Done}, measure: count, topic: service_delivery, owner: unit, use: scored}
findings:
  - {id: falsified, title: {zh: 造假, en: Falsified return}, clause: law#2, topic: verification}
  - {id: again, title: {zh: 再犯, en: Came back}, clause: law#2, topic: correction}
indicators:
  - id: done_share
    title: {zh: 办结率, en: Share done}
    formula: sum(monthly.done) / sum(monthly.due)
    missing: {do: skip, at_least: 1}
    show: percent
  - id: closed_share
    title: {zh: 按期销号率, en: Share closed in time}
    formula: >-
      count(corrections where corrections.due and corrections.closed_on_time) / count(corrections where corrections.due)
    missing: unassessable
    show: percent
  - id: times_falsified
    title: {zh: 造假次数, en: Times falsified}
    formula: sum(findings.occurrences where findings.kind == "falsified" and findings.status == "confirmed")
    missing: unassessable
    show: number
  - id: times_again
    title: {zh: 再犯次数, en: Times again}
    formula: sum(findings.occurrences where findings.kind == "again" and findings.status == "confirmed")
    missing: unassessable
    show: number
tree:
  - id: work
    title: {zh: 服务, en: Services}
    points: 70
    children:
      - id: settled
        title: {zh: 事项办结, en: Requests settled}
        points: 70
        clause: law#3
        indicator: done_share
        rule: {ratio_to_target: 100%}
        absent: exempt
  - id: closing
    title: {zh: 整改销号, en: Corrections closed}
    points: 30
    clause: plan#4
    indicator: closed_share
    rule: {full_or_none: ">= 100%"}
    absent: exempt
adjustments:
  - {id: back, title: {zh: 再犯扣分, en: Off for coming back}, clause: law#5, indicator: times_again, each: -2, cap: 4}
vetoes:
  - id: false_return
    title: {zh: 经查实造假, en: Proven falsification}
    clause: law#2
    legal_basis: law#43
    when: times_falsified
    at_most: poor
grades:
  on: rounded
  rated_from: 50
  bands:
    - {grade: good, title: {zh: 优良, en: Good}, from: 90}
    - {grade: fair, title: {zh: 一般, en: Fair}, from: 60, below: 90}
    - {grade: poor, title: {zh: 较差, en: Poor}, from: 0, below: 60}
ranks:
  - {id: place, title: {zh: 名次, en: Place}, on: rounded, within: kind, ties: min}
rounding:
  indicator: {mode: half_up, decimals: 4}
  item: {mode: half_up, decimals: 2}
  total: {mode: half_up, decimals: 2}
  add: rounded
"""

MARCH = Period.parse("2025-03")


@cache
def small() -> Programme:
    return read(PROGRAMME.encode())


def unit(code: str, kind: str = "facility", parent: str = "d1") -> dict[str, Any]:
    names = {"name_zh": f"单位{code}", "name_en": f"Unit {code}"}
    return {"unit": code, **names, "kind": kind, "parent": parent, "forms": "monthly" if kind == "facility" else ""}


def filed(code: str, done: int) -> dict[str, Any]:
    received = "2025-04-02T02:00:00Z"
    return {"unit": code, "period": "2025-03", "version": 1, "received_at": received, "due": 10, "done": done}


def made(rows: dict[str, list[dict[str, Any]]]) -> Tables:
    known = schemas(small())
    return {name: Table.of_rows(known[name], found) for name, found in rows.items()}


def correction(number: str, code: str, due: str, closed: str | None) -> dict[str, Any]:
    return {"correction": number, "unit": code, "due_on": due, "closed_on": closed}


def finding(number: str, code: str, kind: str, times: int, status: str = "confirmed") -> dict[str, Any]:
    known = {"finding": number, "unit": code, "kind": kind, "occurrences": times, "status": status}
    return {**known, "found_on": "2025-03-11"}


@cache
def five() -> tuple[Scorecard, Tables]:
    """The five units of the story above."""
    tables = made(
        {
            "units": [unit("d1", "district", ""), unit("f1"), unit("f2"), unit("f3"), unit("f4")],
            "returns-monthly": [filed("f1", 10), filed("f2", 8), filed("f3", 5)],
            "visits": [
                {"visit": "v1", "unit": "f2", "visited_on": "2025-03-10", "reason": "draw"},
                {"visit": "v2", "unit": "f2", "visited_on": "2025-03-20", "reason": "draw"},
                {"visit": "v3", "unit": "f3", "visited_on": "2025-02-10", "reason": "draw"},
            ],
            "findings": [
                finding("n1", "f2", "falsified", 1),
                finding("n2", "f3", "again", 1),
                finding("n3", "f1", "falsified", 5, "proposed"),
            ],
            "corrections": [
                correction("c0", "f1", "2025-02-20", None),
                correction("c1", "f2", "2025-03-15", "2025-03-15"),
                correction("c2", "f3", "2025-03-15", None),
                correction("c3", "f3", "2025-03-05", "2025-03-20"),
                correction("c4", "f1", "2025-04-10", None),
            ],
        }
    )
    return score(small(), tables, MARCH, engine="reference"), tables


@cache
def many(count: int) -> tuple[Scorecard, Tables]:
    """So many facilities, one of which filed nothing; totals fall from 100 in steps of ten."""
    codes = [f"u{number:04d}" for number in range(count)]
    returns = [filed(code, 10 - at % 11) for at, code in enumerate(codes[1:])]
    tables = made({"units": [unit(code, parent="") for code in codes], "returns-monthly": returns})
    return score(small(), tables, MARCH, engine="reference"), tables
