"""Reasons that are worded in English below the site, said in the language of the page.

The library that reads YAML, the one that checks the shape of a programme file and our own reader give a reason as a
fact of an issue, in English only. What is listed here has words in the catalogue; any other reason is shown as it came.
"""

from __future__ import annotations

import re
from dataclasses import replace

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as N_

from answerable.values import Issue

__all__ = ["REASONS", "in_our_words", "reason"]

REASONS: tuple[str, ...] = (
    # of the file as a whole
    N_("the file is empty"),
    N_("an alias"),
    N_("nested deeper than %(most)s"),
    N_("more than %(most)s bytes"),
    N_("'utf-8' codec can't decode byte %(byte)s in position %(position)s: %(detail)s"),
    N_("unacceptable character %(character)s: special characters are not allowed"),
    # of the library that reads YAML
    N_("mapping values are not allowed here"),
    N_("mapping keys are not allowed here"),
    N_("sequence entries are not allowed here"),
    N_("could not find expected ':'"),
    N_("expected <block end>, but found %(found)s"),
    N_("expected ',' or ']', but got %(found)s"),
    N_("expected ',' or '}', but got %(found)s"),
    N_("expected the node content, but found %(found)s"),
    N_("expected '<document start>', but found %(found)s"),
    N_("expected alphabetic or numeric character, but found %(found)s"),
    N_("expected a comment or a line break, but found %(found)s"),
    N_("expected chomping or indentation indicators, but found %(found)s"),
    N_("found character %(character)s that cannot start any token"),
    N_("found unknown escape character %(character)s"),
    N_("found unexpected end of stream"),
    N_("found unexpected document separator"),
    N_("found undefined alias %(name)s"),
    N_("found undefined tag handle %(name)s"),
    N_("but found another document"),
    N_("second occurrence"),
    # of the library that checks shapes
    N_("Input should be a valid string"),
    N_("Input should be a valid list"),
    N_("Input should be a valid dictionary"),
    N_("Input should be a valid dictionary or instance of %(shape)s"),
    N_("Input should be a valid integer, unable to parse string as an integer"),
    N_("Input should be a valid date or datetime, %(detail)s"),
    N_("Input should be greater than or equal to %(least)s"),
    N_("Input should be less than or equal to %(most)s"),
    N_("List should have at least %(least)s item after validation, not %(found)s"),
    N_("String should have at least %(least)s character"),
    # of our own reader
    N_("an id is lower-case letters, digits and single underscores, and does not end in _state"),
    N_("not a number: %(text)s"),
    N_("a day of the year is written MM-DD"),
    N_("there is no such time zone"),
    N_("a formula is written as one text"),
    N_("there is nothing but spaces here"),
    N_('a threshold is written like ">= 95%%"'),
    N_("exactly one of %(names)s"),
    N_("`skip` needs `at_least`, and nothing else takes it"),
    N_("%(what)s, character %(at)s"),
    N_("unexpected %(found)s"),
    N_("the formula ends too soon"),
    N_("there is no function %(name)s"),
    N_("%(name)s takes %(fewest)s to %(most)s operands, not %(found)s"),
    N_("%(name)s takes a weight after each value"),
    N_("%(name)s takes a whole number from %(least)s to %(most)s as operand %(at)s"),
    N_("%(name)s takes, after the group, a share from 0%% to 100%%"),
    N_("%(name)s takes, after the group, a share from 0%% to 50%%"),
    N_("%(name)s takes, after the group, a whole number to share out"),
    N_("trimmed takes a mean over rows: trimmed(mean(...), 5)"),
    N_("`within` is followed by one of %(names)s, or a kind of unit"),
    N_("%(name)s within a group takes the id of an indicator"),
    N_("expected %(wanted)s"),
)


def in_our_words(issue: Issue) -> Issue:
    """The issue with its reason, and the values to choose from, in the language of the page."""
    told = {"why": reason, "choices": _choices}
    facts = {name: told[name](fact) if name in told else fact for name, fact in issue.facts.items()}
    return replace(issue, facts=facts)


def reason(why: str) -> str:
    """A reason in the language of the page; as it came where it is not listed."""
    for pattern, words in _PATTERNS:
        if found := pattern.fullmatch(why):
            said = found.groupdict()
            return gettext(words) % ({**said, "what": reason(said["what"])} if "what" in said else said)
    return why


def _choices(choices: str) -> str:
    """`'a', 'b' or 'c'`, as the library that checks shapes writes it."""
    rest, joined, last = choices.rpartition(" or ")
    return gettext("%(rest)s or %(last)s") % {"rest": rest, "last": last} if joined else choices


def _pattern(words: str) -> re.Pattern[str]:
    literal, *rest = re.split(r"%\((\w+)\)s", words)
    parts = [re.escape(literal.replace("%%", "%"))]
    for name, after in zip(rest[::2], rest[1::2], strict=True):
        parts += [f"(?P<{name}>.+)", re.escape(after.replace("%%", "%"))]
    return re.compile("".join(parts), re.DOTALL)


_PATTERNS = tuple((_pattern(words), words) for words in REASONS)
