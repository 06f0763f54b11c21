"""A change to a programme, tried on the district's own figures. Nothing of it is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from answerable.definition import Programme
from answerable.definition.settings import Setting, changed, settings
from answerable.exchange.trials import Trial
from answerable.scoring import Scorecard, score
from answerable.scoring.moves import in_force_for, moves
from answerable.site.reads.grades import Run, get_latest_run
from answerable.site.reads.ledger import get_last_index, get_leaf_hash
from answerable.site.reads.programmes import get_elapsed, get_in_force, get_parsed, get_source
from answerable.site.reads.proposals import get_source_proposed
from answerable.site.reads.snapshot import get_snapshot
from answerable.values.period import Period


@dataclass(frozen=True)
class Basis:
    """What a change is tried on: the programme in force in a year, and facts as of an entry for a period.

    They are those of the last run of the year; `run` is empty where there is none yet, and the facts are today's.
    """

    year: int
    programme: Programme
    period: Period
    entry_index: int
    run: Run | None


def get_basis(year: int) -> Basis | None:
    """What a change is tried on in a year; None where no programme is in force or no month is due yet."""
    programme = get_in_force(year)
    if programme is None:
        return None
    if (run := get_latest_run(year)) is not None:
        return Basis(year, programme, run.period, run.entry_index, run)
    period = get_elapsed(programme, year)
    return Basis(year, programme, period, get_last_index(), None) if period else None


def list_settings(basis: Basis) -> tuple[Setting, ...]:
    """The numbers of the programme in force that can be tried otherwise."""
    return _settings(basis.programme.digest)


def get_changed_source(basis: Basis, wanted: Mapping[str, str]) -> str:
    """The file of the programme in force with other numbers; Refused where an address or a value cannot be."""
    return changed(get_source(basis.programme.digest).encode(), wanted).decode()


def try_numbers(basis: Basis, wanted: Mapping[str, str]) -> Trial:
    """The programme in force with other numbers; Refused with all that stands against them."""
    source = get_changed_source(basis, wanted)
    return _tried(basis, source, source.encode())


def try_proposal(basis: Basis, number: str) -> Trial:
    """A proposed version, whether or not it is for this year; Refused where this release cannot read it."""
    return _tried(basis, get_source_proposed(number), None)


def _tried(basis: Basis, source: str, file: bytes | None) -> Trial:
    would = get_parsed(source)
    as_of = (str(basis.period), basis.entry_index, get_leaf_hash(basis.entry_index))
    before, after = (_card(text, *as_of) for text in (get_source(basis.programme.digest), source))
    return Trial(basis.programme, would, basis.period, moves(basis.programme, before, would, after), file)


@lru_cache(maxsize=8)
def _settings(digest: str) -> tuple[Setting, ...]:
    """Published text never changes."""
    return settings(get_source(digest).encode())


@lru_cache(maxsize=8)
def _card(source: str, span: str, entry_index: int, _leaf_hash: str) -> Scorecard:
    """What a programme makes of the facts as of an entry, which never change. The hash is of this ledger's entry."""
    period = Period.parse(span)
    programme = in_force_for(get_parsed(source), period)
    return score(programme, get_snapshot(programme, period, entry_index).tables, period)
