"""The formula language: what reads, what does not, and that showing and reading are inverse."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.definition.formula import (
    Aggregate,
    Binary,
    Call,
    ColumnOf,
    Expression,
    Name,
    Negation,
    Number,
    TextLiteral,
    show,
)
from answerable.definition.syntax import FormulaError, parse


def expressions() -> st.SearchStrategy[Expression]:
    leaves: st.SearchStrategy[Expression] = st.one_of(
        st.fractions(0, 100, max_denominator=1).map(Number),
        st.sampled_from([Number(Fraction(1, 4)), TextLiteral("word"), Name("one"), ColumnOf("form", "paid")]),
    )

    def grow(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
        operators = ["+", "-", "*", "/", "==", "!=", "<", "<=", ">", ">=", "and", "or"]
        return st.one_of(
            st.builds(Binary, st.sampled_from(operators), inner, inner),
            st.builds(Negation, st.sampled_from(["-", "not"]), inner),
            st.builds(lambda a, b: Call("least", (a, b)), inner, inner),
            st.builds(lambda a: Call("previous", (a,)), inner),
            st.builds(Aggregate, st.sampled_from(["sum", "count"]), inner, st.one_of(st.none(), inner)),
        )

    return st.recursive(leaves, grow, max_leaves=12)


@given(expressions())
def test_what_is_shown_reads_back_to_the_same_tree(expression: Expression) -> None:
    assert parse(show(expression)) == expression


def test_operators_bind_as_in_arithmetic() -> None:
    assert parse("1 - 2 - 3 * 4") == parse("(1 - 2) - (3 * 4)")
    assert parse("not a.b and a.c or a.d") == parse("((not a.b) and a.c) or a.d")
    assert parse("a.b + 1 >= 2 and a.c") == parse("((a.b + 1) >= 2) and a.c")


def test_a_percentage_is_exact() -> None:
    assert parse("92.5%") == Number(Fraction(37, 40))


@pytest.mark.parametrize(
    ("text", "what", "at"),
    [
        ("", "ends too soon", 1),
        ("sum(pay.paid", "expected", 13),
        ("1 +", "ends too soon", 4),
        ("1 2", "unexpected", 3),
        ("now()", "unexpected", 5),
        ("random(1)", "no function", 1),
        ("if(a.b, 1)", "takes 3 to 3", 1),
        ("a.b ; drop", "unexpected", 5),
        ("1 < 2 < 3", "unexpected", 7),
        ("工资", "unexpected", 1),
        ("(" * 60 + "1" + ")" * 60, "nested deeper", 41),
    ],
)
def test_what_is_no_formula_is_refused_with_its_place(text: str, what: str, at: int) -> None:
    with pytest.raises(FormulaError) as refused:
        parse(text)
    assert what in refused.value.what
    assert refused.value.at == at


@given(st.text('abs().,+-*/<>=" 1390%whereifsumcount\n一', max_size=60))
def test_any_text_is_a_formula_or_a_formula_error(text: str) -> None:
    try:
        parse(text)
    except FormulaError as error:
        assert 1 <= error.at <= len(text) + 1
