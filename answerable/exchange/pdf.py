"""A report as PDF, in the layout of GB/T 9704-2012, set by typst.

The file is PDF/A-2a: made to be kept, readable by screen readers, and refused by typst itself where a character has no
glyph, so that an empty box can never be printed. Chinese type comes from the fonts of the machine. The same report,
set with the same fonts, gives the same bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any

import typst

from answerable.exchange.report import (
    Block,
    Heading,
    ListBlock,
    Paragraph,
    Report,
    SignatureBlock,
    TableBlock,
    has_chinese,
)
from answerable.values.issue import Issue, Refused
from answerable.values.text import Language

__all__ = ["missing_fonts", "write"]

PACKAGE = "fonts-noto-cjk"
"""What to install where no Chinese font is found: complete, free, in every distribution."""

_SERIF = (
    "Noto Serif CJK SC", "Source Han Serif SC", "Source Han Serif CN", "Noto Serif SC", "SimSun", "STSong", "Songti SC",
    "FandolSong", "AR PL SungtiL GB", "AR PL UMing CN",
)  # fmt: skip
_SANS = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN", "Noto Sans SC", "SimHei", "STHeiti", "Heiti SC",
    "PingFang SC", "Microsoft YaHei", "FandolHei", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei",
)  # fmt: skip
_CHAINS: Mapping[str, tuple[str, ...]] = {
    "body": ("FangSong_GB2312", "FangSong", "STFangsong", "FandolFang R", *_SERIF, *_SANS),
    "kai": ("KaiTi_GB2312", "KaiTi", "STKaiti", "Kaiti SC", "FandolKai", "LXGW WenKai", "AR PL KaitiM GB",
            "AR PL UKai CN", *_SERIF, *_SANS),
    "hei": ("SimHei", *_SANS, *_SERIF),
    "title": ("FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", *_SERIF, *_SANS),
    "song": (*_SERIF, *_SANS),
}  # fmt: skip
"""What the standard asks for, then the nearest the free world has. Rare characters fall through to a complete font."""

_SIZES: Mapping[Language, Mapping[str, str]] = {
    "zh": {"body": "16pt", "line": "28.95pt", "title": "22pt", "small": "12pt", "table": "10.5pt", "indent": "2em"},
    "en": {"body": "11pt", "line": "16.5pt", "title": "19pt", "small": "9.5pt", "table": "9pt", "indent": "0em"},
}


def write(report: Report, fonts: typst.Fonts | None = None) -> bytes:
    """The report as the bytes of a PDF; `fonts` are those of the machine unless others are given.

    Raises:
        Refused: `documents.no_chinese_font` or `documents.character_without_font`.
    """
    fonts = fonts or _machine_fonts()
    if issues := missing_fonts(report, fonts):
        raise Refused(issues)
    compiler = typst.Compiler(
        _TEMPLATE.encode(),
        font_paths=fonts,
        sys_inputs={"report": json.dumps(_of_report(report, fonts), ensure_ascii=False)},
    )
    moment = datetime.combine(report.day or date(1970, 1, 1), time(), UTC)
    try:
        made = compiler.compile(format="pdf", pdf_standards="a-2a", timestamp=moment)
    except typst.TypstError as error:
        raise _unprintable(error) from error
    if not isinstance(made, bytes):
        raise TypeError("typst gave no single file")
    return made


def missing_fonts(report: Report, fonts: typst.Fonts | None = None) -> tuple[Issue, ...]:
    """Why this report cannot be printed here, if so: it holds Chinese and the machine has no Chinese font."""
    families = set((fonts or _machine_fonts()).families())
    if not has_chinese(report.texts()) or families.intersection(_CHAINS["song"]):
        return ()
    return (Issue("documents.no_chinese_font", facts={"package": PACKAGE}),)


@cache
def _machine_fonts() -> typst.Fonts:
    """Listing the fonts of a machine takes a tenth of a second; once per process is enough."""
    return typst.Fonts()


def _unprintable(error: typst.TypstError) -> Exception:
    """The refusal for characters without a glyph; any other error of typst is our own fault and goes through."""
    found = re.findall(r'the text `"(.+?)"` could not be displayed', error.diagnostic)
    if not found:
        return error
    characters = " ".join(sorted(set(found)))
    return Refused([Issue("documents.character_without_font", facts={"characters": characters, "package": PACKAGE})])


def _of_report(report: Report, fonts: typst.Fonts) -> dict[str, Any]:
    families = set(fonts.families())
    return {
        "language": report.language,
        "fonts": {role: [name for name in chain if name in families] for role, chain in _CHAINS.items()},
        "sizes": dict(_SIZES[report.language]),
        "mark": report.issuing_mark,
        "number": report.number,
        "title": report.title.split("\n"),
        "addressee": report.addressee_line,
        "blocks": _of_blocks(report),
        "attachments": report.attachment_lines and [report.attachment_word, report.attachment_lines],
        "signature": report.signature,
        "day": report.day_in_words,
        "footer": report.footer,
        "imprint": report.imprint_lines,
    }


def _of_blocks(report: Report) -> list[dict[str, Any]]:
    """Blocks in order; the last paragraph stays with the signature, which never has a page of its own."""
    made = [_of_block(block, report.language) for block in report.blocks]
    if not made or report.attachments or not (report.signature or report.day):
        return made
    if made[-1]["is"] == "body":
        made[-1]["is"] = "last"
    elif made[-1]["is"] == "list":
        *_, last = made[-1]["items"]
        made[-1]["items"] = made[-1]["items"][:-1]
        made.append({"is": "last", "text": last})
    return made


def _of_block(block: Block, language: Language) -> dict[str, Any]:
    match block:
        case Heading(level):
            return {"is": "heading", "level": level, "text": str(block)}
        case Paragraph(text, role):
            return {"is": role, "text": text}
        case ListBlock():
            return {"is": "list", "items": list(block.lines(language))}
        case TableBlock():
            return _of_table(block)
        case SignatureBlock(parties):
            return {"is": "signatures", "parties": [{"name": party.name, "lines": party.lines} for party in parties]}


def _of_table(table: TableBlock) -> dict[str, Any]:
    return {
        "is": "table",
        "head": table.head,
        "cells": [cell for row in table.rows for cell in row],
        "short": table.short,
        "widths": table.widths,
        "align": table.align,
        "caption": table.caption,
    }


# The text of the report reaches typst as JSON and is set as strings: nothing in it can be taken for markup.
_TEMPLATE = r"""
#let r = json(bytes(sys.inputs.report))
#let zh = r.language == "zh"
#let size = r.sizes.pairs().map(((k, v)) => (k, eval(v))).to-dict()
#let latin = (name: "Libertinus Serif", covers: "latin-in-cjk")
#let chain(role) = if zh { (latin, ..r.fonts.at(role)) } else { ("Libertinus Serif", ..r.fonts.at(role)) }
#let gap = size.line - size.body

#set document(title: r.title.join(""), author: r.signature)
#set page(
  paper: "a4", margin: (top: 37mm, bottom: 35mm, left: 28mm, right: 26mm), footer-descent: 7mm,
  footer: context {
    set text(font: chain("song"), size: if zh { 14pt } else { 10pt })
    let odd = calc.odd(counter(page).get().first())
    align(if odd { right } else { left }, pad(x: 1em)[— #counter(page).display() —])
  },
)
// A line is as high as its type size whatever font it comes from; the fixed distance is made up by the leading.
#set text(font: chain("body"), size: size.body, lang: r.language, region: if zh { "cn" } else { "gb" },
  top-edge: 0.88em, bottom-edge: -0.12em)
#set par(justify: true, leading: gap, spacing: if zh { gap } else { gap + 4pt },
  first-line-indent: (amount: size.indent, all: true))
#let flat(body) = par(first-line-indent: 0pt, justify: false, body)

#let level(n, font, weight) = it => {
  set text(font: chain(font), weight: weight,
    size: if zh { size.body } else { (14pt, 12pt, 11pt, 11pt).at(n - 1) })
  block(sticky: true, above: if zh { gap } else { 16pt }, below: gap,
    par(first-line-indent: size.indent, justify: false, it.body))
}
#show heading.where(level: 1): level(1, if zh { "hei" } else { "body" }, if zh { "regular" } else { "bold" })
#show heading.where(level: 2): level(2, if zh { "kai" } else { "body" }, if zh { "regular" } else { "bold" })
#show heading.where(level: 3): level(3, "body", "bold")
#show heading.where(level: 4): level(4, "body", "regular")

#let ruled(it) = {
  set text(size: size.table, font: chain(if zh { "song" } else { "body" }))
  set par(leading: 0.45em, first-line-indent: 0pt, justify: false)
  let side = it.align.map(name => (left: left, center: center, right: right).at(name))
  if not it.short {
    // Room for the head and a few rows, or the table begins on the next page.
    block(height: 44mm, width: 100%, breakable: false, sticky: true, above: 0pt, below: 0pt)
    v(-44mm)
  }
  if it.caption != "" {
    block(width: 100%, sticky: true, above: 1.6em, below: 0.8em,
      align(center, text(font: chain(if zh { "hei" } else { "body" }), weight: if zh { "regular" } else { "bold" },
        size: size.small, it.caption)))
  }
  block(width: 100%, breakable: not it.short, above: 0.8em, below: 1.6em, table(
    columns: it.widths.map(share => share * 1fr), stroke: 0.5pt, inset: (x: 0.45em, y: 0.42em),
    align: (x, y) => horizon + if y == 0 { center } else { side.at(x) },
    table.header(repeat: true, ..it.head.map(cell => table.cell(fill: luma(238),
      text(font: chain(if zh { "hei" } else { "body" }), weight: if zh { "regular" } else { "bold" }, cell)))),
    ..it.cells.map(cell => table.cell(breakable: false, cell)),
  ))
}

#let signatures(it) = {
  set text(size: size.small)
  set par(leading: 0.6em, first-line-indent: 0pt, justify: false)
  block(width: 100%, breakable: false, above: 2.5em, below: 1.6em, grid(
    columns: it.parties.map(_ => 1fr), column-gutter: 2em, row-gutter: 1em,
    ..it.parties.map(party => par(text(font: chain(if zh { "hei" } else { "body" }),
      weight: if zh { "regular" } else { "bold" }, party.name))),
    ..it.parties.map(party => stack(spacing: 0.8em, ..party.lines.map(line => par(line)))),
  ))
}

#let show-block(it) = {
  if it.is == "heading" { heading(level: it.level, it.text) }
  else if it.is == "body" { par(it.text) }
  else if it.is == "note" { set text(size: size.small); par(leading: 0.6em, spacing: 0.9em, it.text) }
  else if it.is == "list" { for line in it.items { par(line) } }
  else if it.is == "last" { block(sticky: true, above: if zh { gap } else { gap + 4pt }, par(it.text)) }
  else if it.is == "table" { ruled(it) }
  else { signatures(it) }
}

#if r.mark != "" {
  let red = rgb("#d7000f")
  set par(first-line-indent: 0pt, justify: false, spacing: 0pt)
  v(if zh { 35mm } else { 6mm })
  layout(area => {
    let mark(points) = text(font: chain("title"), weight: "bold", size: points, fill: red, r.mark)
    let natural = measure(mark(44pt)).width
    align(center, mark(calc.max(calc.min(if zh { 44pt } else { 26pt }, 44pt * (area.width / natural) * 0.98), 14pt)))
  })
  v(if zh { 2 * size.line } else { size.line })
  if r.number != "" { align(center, r.number) }
  v(4mm)
  line(length: 100%, stroke: 1.4pt + red)
  v(2 * size.line)
}
#{
  set par(first-line-indent: 0pt, justify: false, leading: 0.45em)
  set text(font: chain("title"), weight: "bold", size: size.title, hyphenate: false)
  block(width: 100%, below: size.line + gap, align(center, title(text(size: size.title, r.title.join(linebreak())))))
}
#if r.mark == "" and r.number != "" { block(width: 100%, below: size.line + gap, align(center, r.number)) }
#if r.addressee != "" { flat(r.addressee) }
#for it in r.blocks { show-block(it) }

#if r.attachments.len() > 0 {
  let (word, lines) = (r.attachments.first(), r.attachments.last())
  set par(first-line-indent: 0pt, justify: false)
  block(above: size.line + gap, pad(left: size.indent, grid(columns: (auto, 1fr), row-gutter: gap,
    grid.cell(rowspan: lines.len(), word), ..lines)))
}
#if r.signature != "" or r.day != "" {
  // The date stands four characters from the right edge, the signature is centred above it.
  block(width: 100%, breakable: false, above: 2.5 * size.line, context {
    set par(first-line-indent: 0pt, justify: false)
    let day = measure(r.day).width
    let name = measure(r.signature).width
    let edge = 4 * size.body
    align(right, {
      pad(right: calc.max(edge + (day - name) / 2, 0pt), r.signature)
      pad(right: edge, r.day)
    })
  })
}
#if r.footer.len() > 0 or r.imprint.len() > 0 {
  v(1fr)
  block(width: 100%, breakable: false, above: size.line, {
    set par(first-line-indent: 0pt, justify: false, leading: 0.5em, spacing: 0.6em)
    {
      set text(size: 7.5pt, font: ("DejaVu Sans Mono", ..r.fonts.hei))
      for line in r.footer { par(line) }
    }
    if r.imprint.len() > 0 {
      set text(size: if zh { 14pt } else { 10pt })
      v(0.8em)
      let rule(thick) = line(length: 100%, stroke: thick)
      set block(spacing: 0.5em)
      rule(1pt)
      for (index, (left-part, right-part)) in r.imprint.enumerate() {
        if index > 0 { rule(0.7pt) }
        block(width: 100%, inset: (x: 1em), grid(columns: (1fr, auto), left-part, right-part))
      }
      rule(1pt)
    }
  })
}
"""
