"""What is found of residents in a text, and what is not taken for it."""

from __future__ import annotations

import random

import pytest

from answerable.values.residents import Found, residents_in

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)

HELD = {
    "an identity number": ("身份证号 11010519491231002X 已核对", "identity"),
    "in full width": ("号码１１０１０５１９４９１２３１００２Ｘ", "identity"),
    "with gaps": ("110105 19491231 002x", "identity"),
    "with strokes": ("110105-19491231-002X", "identity"),
    "of fifteen digits": ("旧证 110105491231002", "identity"),
    "a mobile": ("联系电话13800138000", "mobile"),
    "a mobile in parts": ("请打 138 0013 8000", "mobile"),
    "a mobile with the country": ("+86 138-0013-8000", "mobile"),
    "a card": ("卡号：6222021234567890128", "card"),
    "a card in fours": ("4111 1111 1111 1111", "card"),
    "names under a heading": ("姓名\n王小明\n李红\n张建国", "names"),
    "names in a row": ("补助名单：王小明、李红、张建国", "names"),
    "many names without a heading": ("、".join(f"{one}小{two}" for one in "王李张刘陈" for two in "明红"), "names"),
}
NOT_HELD = {
    "a social credit code": "统一社会信用代码 91110000600037341L",
    "another of an office": "11320000MB151840XJ",
    "a document number": "国卫人口发〔2021〕12号，第130号",
    "an amount": "金额 13800138000.50 元中的 1380013.80 元",
    "a landline": "办公电话 010-65251234，0716-8512345",
    "a wrong check digit": "110105194912310021",
    "a day that never was": "110105194913310027",
    "a card with a wrong digit": "6222021234567890127",
    "a code of a division": "110105001001",
    "a row of numbers": "12 13 14 15 16 17 18 19 20 21 22 23 24 25",
    "places": "王家村、李家湾、张庄、刘家组、陈家镇、杨店、黄桥、周庄、吴村、徐路、孙寨",
    "a sentence of the office": "任务已完成，高度重视，方案严格执行，余额 20 万元，范围不变，程序齐全。",
    "a few staff": "参加人员：王小明、李红",
    "a date": "2025-12-31 20:13:45",
    "a digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}


@pytest.mark.parametrize("case", HELD)
def test_data_of_residents_are_found(case: str) -> None:
    text, kind = HELD[case]
    assert [found.kind for found in residents_in(text)] == [kind]


@pytest.mark.parametrize("case", NOT_HELD)
def test_what_is_no_persons_is_left_alone(case: str) -> None:
    assert residents_in(NOT_HELD[case]) == ()


def test_a_finding_tells_the_line_and_the_number_of_them_and_covers_the_middle() -> None:
    text = "回访记录\n张三 13800138000\n李四 13900139000\n11010519491231002X"
    assert residents_in(text) == (
        Found("identity", 4, 1, "110***********002X"),
        Found("mobile", 2, 2, "138****8000"),
    )


def test_no_number_is_told_whole() -> None:
    for text, _ in HELD.values():
        for found in residents_in(text):
            assert "*" in found.shown and found.shown not in text
            assert found.kind == "names" or len(found.shown.replace("*", "")) == 7


def test_every_identity_number_with_a_true_check_digit_is_found_and_no_other() -> None:
    chance = random.Random(11643)
    for _ in range(500):
        place = f"{chance.choice((11, 42, 65))}{chance.randrange(10000):04}"
        body = f"{place}{chance.randrange(1930, 2020)}0{chance.randrange(1, 10)}15{chance.randrange(1000):03}"
        right = "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]
        for last in "0123456789X":
            kinds = [found.kind for found in residents_in(f"号码{body}{last}。")]
            assert ("identity" in kinds) == (last == right)


def test_a_card_is_found_by_its_last_digit_alone() -> None:
    assert sum(bool(residents_in(f"622202123456789012{last}")) for last in range(10)) == 1
