"""Tables, their constraints and nothing else. One file per noun."""

from answerable.site.models.agreements import AgreementSignature, AgreementVersion
from answerable.site.models.corrections import Correction, CorrectionStep
from answerable.site.models.evidence import Evidence
from answerable.site.models.facts import Fact
from answerable.site.models.findings import Finding, FindingAnswer, FindingDecision
from answerable.site.models.grades import Grade, GradeConfirmation, ScoreCache, ScoreRun
from answerable.site.models.ledger import Entry
from answerable.site.models.notices import Notice
from answerable.site.models.people import Person
from answerable.site.models.posts import Appointment
from answerable.site.models.programmes import ProgrammeDecision, ProgrammeProposal, ProgrammeVersion
from answerable.site.models.returns import ReturnDraft, ReturnVersion
from answerable.site.models.units import UnitEvent, UnitEventPart, UnitEventState, UnitIdentity, UnitVersion
from answerable.site.models.visits import Draw, Recount, Visit, VisitRecord

__all__ = [
    "AgreementSignature",
    "AgreementVersion",
    "Appointment",
    "Correction",
    "CorrectionStep",
    "Draw",
    "Entry",
    "Evidence",
    "Fact",
    "Finding",
    "FindingAnswer",
    "FindingDecision",
    "Grade",
    "GradeConfirmation",
    "Notice",
    "Person",
    "ProgrammeDecision",
    "ProgrammeProposal",
    "ProgrammeVersion",
    "Recount",
    "ReturnDraft",
    "ReturnVersion",
    "ScoreCache",
    "ScoreRun",
    "UnitEvent",
    "UnitEventPart",
    "UnitEventState",
    "UnitIdentity",
    "UnitVersion",
    "Visit",
    "VisitRecord",
]
