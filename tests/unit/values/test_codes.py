"""Codes of places and organisations: what is right is taken, and of what is wrong the very character is named."""

from __future__ import annotations

import pytest

from answerable.values.codes import credit_code, credit_code_issues, division_code_issues

GOOD = ("91110000600037341L", "11320000MB151840XJ", "91110000802100433B")
LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.mark.parametrize("code", GOOD)
def test_codes_of_real_certificates_are_right(code: str) -> None:
    assert list(credit_code_issues(code)) == []


def test_a_village_collective_has_a_code_that_begins_with_n() -> None:
    assert list(credit_code_issues(credit_code("N2110000", "60003734"))) == []


@pytest.mark.parametrize("code", GOOD)
def test_both_checks_are_found_again_from_the_rest(code: str) -> None:
    assert credit_code(code[:8], code[8:16]) == code


@pytest.mark.parametrize("code", GOOD)
@pytest.mark.parametrize("at", range(18))
def test_any_one_mistyped_character_is_found(code: str, at: int) -> None:
    for letter in LETTERS:
        if letter != code[at]:
            assert list(credit_code_issues(code[:at] + letter + code[at + 1 :])), (at, letter)


def test_the_wrong_character_is_named_with_what_it_should_be() -> None:
    found = list(credit_code_issues("91110000600037341K"))
    assert [issue.code for issue in found] == ["register.credit_code_check"]
    assert found[0].facts["at"] == "18" and found[0].facts["wanted"] == "L"


def test_letters_that_never_occur_are_all_named_at_once() -> None:
    found = list(credit_code_issues("9I11000060003734OL", "C01"))
    assert [(issue.code, issue.facts["at"]) for issue in found] == [
        ("register.credit_code_letter", "2"),
        ("register.credit_code_letter", "17"),
    ]
    assert found[0].place.row == "C01"


def test_a_code_too_short_says_its_length() -> None:
    assert [issue.facts["length"] for issue in credit_code_issues("9111")] == ["4"]
    assert [issue.code for issue in credit_code_issues("")] == ["register.credit_code_length"]


def test_a_division_code_has_twelve_digits() -> None:
    assert list(division_code_issues("441900003000")) == []
    for wrong in ("110101", "11010100100X", "910101001001", "１１０１０１００１００１", ""):
        assert [issue.code for issue in division_code_issues(wrong)] == ["register.division_code"], wrong
