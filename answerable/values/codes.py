"""Codes the state gives to places and organisations: which character of one is wrong, if any.

Division code: 12 digits, as statistics use them. Unified social credit code (GB 32100): 18 characters, the last a check
of the whole, the 17th a check of the organisation code in it; codes of collectives begin with N and are codes like any.
"""

from __future__ import annotations

from collections.abc import Iterator

from answerable.values.issue import Issue, Place

__all__ = ["credit_code", "credit_code_issues", "division_code_issues"]

_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ORGANISATION = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def division_code_issues(code: str, row: str = "") -> Iterator[Issue]:
    """What keeps a text from being a division code of 12 digits. Zones have codes, too: no parent is inferred."""
    if len(code) != 12 or not (code.isascii() and code.isdigit()) or code[0] not in "12345678":
        yield Issue("register.division_code", Place(row=row, cell="division_code"), {"code": code})


def credit_code_issues(code: str, row: str = "") -> Iterator[Issue]:
    """What keeps a text from being a unified social credit code: its length, each wrong letter, or a check."""
    place = Place(row=row, cell="credit_code")
    if len(code) != 18:
        yield Issue("register.credit_code_length", place, {"code": code, "length": str(len(code))})
        return
    strange = [(at, letter) for at, letter in enumerate(code, 1) if letter not in _LETTERS]
    strange += [(at, code[at - 1]) for at in range(3, 9) if code[at - 1] in _LETTERS[10:]]
    for at, letter in sorted(strange):
        yield Issue("register.credit_code_letter", place, {"code": code, "at": str(at), "letter": letter})
    if strange:
        return
    checks = ((17, _organisation_check(code[8:16])), (18, _credit_check(code[:17])))
    for at, wanted in checks:
        if code[at - 1] != wanted:
            facts = {"code": code, "at": str(at), "letter": code[at - 1], "wanted": wanted}
            yield Issue("register.credit_code_check", place, facts)


def credit_code(head: str, organisation: str) -> str:
    """A whole credit code: 8 characters of authority, kind and division, 8 of the organisation, and both checks.

    >>> credit_code("91110000", "60003734")
    '91110000600037341L'
    """
    first = head + organisation + _organisation_check(organisation)
    return first + _credit_check(first)


def _credit_check(first: str) -> str:
    """The 18th character: weights are the powers of 3, modulo 31."""
    total = sum(_LETTERS.index(letter) * pow(3, at, 31) for at, letter in enumerate(first))
    return _LETTERS[-total % 31]


def _organisation_check(first: str) -> str:
    """The check of an organisation code of eight characters, modulo 11; ten is written X."""
    total = sum(_ORGANISATION.index(letter) * weight for letter, weight in zip(first, _WEIGHTS, strict=True))
    return "0123456789X0"[11 - total % 11]
