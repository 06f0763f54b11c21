"""The receipt of a filed return: what was filed, by which post, when, and the proof that it stands in the ledger."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _

from answerable.site.reads.ledger import get_entry
from answerable.site.reads.receipts import Proof, get_proof, get_receipt
from answerable.site.reads.receipts import Receipt as Filing
from answerable.site.reads.returns import Filed, Return, get_return
from answerable.site.templatetags.answerable import month as month_words
from answerable.site.templatetags.answerable import shown
from answerable.site.templatetags.menu import POSTS
from answerable.site.views.figures import figures_table
from answerable.site.views.guard import allow, holder_of, members_only
from answerable.site.views.parts import Fact, Link, Notice, PageHead, Paper, Receipt
from answerable.site.views.returns import href_of, open_to
from answerable.values import Month

__all__ = ["receipt_shown", "urlpatterns"]


@members_only("returns.read")
def receipt(request: HttpRequest, index: int) -> HttpResponse:
    """`/receipts/<entry>/`: for whoever may read the return; `?size=` proves against the ledger when it was smaller."""
    found = _found(request, index)
    asked = request.GET.get("size", "").strip()
    proof = get_proof(index, _size(asked)) if asked else None
    shown_proof = proof or get_proof(index)
    assert shown_proof, "an entry is among all entries"
    of_return, filed = _filed(found)
    context: dict[str, Any] = {
        "head": _head(found, of_return),
        "notices": [_no_such_size(index, shown_proof.size)] if asked and proof is None else [],
        "facts": _facts(found, filed),
        "proof": _proof_facts(found, shown_proof),
        "path": _path(shown_proof),
        "size": shown_proof.size,
        "papers": [_paper(index, shown_proof)],
        "table": figures_table(of_return.form, of_return.month, filed.figures),
    }
    return render(request, "receipts/receipt.html", context)


@members_only("returns.read")
def as_json(request: HttpRequest, index: int) -> HttpResponse:
    """`/receipts/<entry>.json`: all that the hashes are made of, to be checked without this site."""
    found = _found(request, index)
    asked = request.GET.get("size", "")
    proof = get_proof(index, _size(asked) if asked else None)
    if proof is None:
        raise Http404
    told = {
        "entry": found.index,
        "kind": found.kind,
        "row": found.row,
        "row_digest": found.row_digest,
        "body": found.body,
        "salt": found.salt,
        "leaf_hash": found.leaf_hash,
        "tree_size": proof.size,
        "root": proof.root,
        "proof": list(proof.path),
    }
    answer = JsonResponse(told, json_dumps_params={"ensure_ascii": False, "indent": 2})
    answer.headers["Content-Disposition"] = f'attachment; filename="receipt-{index}.json"'
    return answer


def receipt_shown(request: HttpRequest, found: Return) -> Receipt | None:
    """The receipt of the version just filed: the entry named in the address, if it is that of this return."""
    asked, latest = request.GET.get("entry", ""), found.latest
    if latest is None or not asked.isdigit() or len(asked) > 12:
        return None
    entry = get_entry(int(asked))
    key = (found.unit.code, found.form.id, str(found.month), str(latest.version))
    if entry is None or all(of_row != key for _table, of_row in entry.rows):
        return None
    words = _("The return is submitted") if latest.version == 1 else _("The revision is submitted")
    href = reverse("receipts_receipt", args=[entry.index])
    return Receipt(words, entry.index, entry.at, entry.by_name, entry.leaf_hash, href)


def _found(request: HttpRequest, index: int) -> Filing:
    """The receipt, if the return it is of is open to whoever asks."""
    found = get_receipt(index)
    if found is None:
        raise Http404
    if not open_to(holder_of(request), found.unit, Month.parse(found.period).year):
        allow(request, "returns.read", unit=found.unit)
    return found


def _size(asked: str) -> int:
    """The size asked for; what is no number is the size of no ledger."""
    return int(asked) if asked.isdecimal() and len(asked) <= 12 else -1


def _filed(found: Filing) -> tuple[Return, Filed]:
    """The return as its programme asks for it, and the version this receipt is of."""
    of_return = get_return(found.unit, found.form, Month.parse(found.period))
    if of_return is None:
        raise Http404
    return of_return, next(one for one in of_return.versions if one.version == found.version)


def _head(found: Filing, of_return: Return) -> PageHead:
    unit, month = of_return.unit, of_return.month
    title = _("Receipt: %(form)s, %(month)s, version %(version)s") % {
        "form": shown(of_return.form.title),
        "month": month_words(month),
        "version": found.version,
    }
    crumbs = [
        Link(unit.name, f"{reverse('returns_unit', args=[unit.code])}?year={month.year}"),
        Link(month_words(month), href_of(unit.code, of_return.form.id, month)),
    ]
    return PageHead(title, crumbs, _("It shows later that this was in the ledger, unchanged, by a certain time."))


def _facts(found: Filing, filed: Filed) -> list[Fact]:
    facts = [
        Fact(_("What happened"), found.title),
        Fact(_("Who"), filed.filed_by_name),
        Fact(_("In the post"), POSTS.get(found.post, "–")),
        Fact(_("Received"), filed.received_at),
        Fact(_("Entry of the ledger"), found.index),
    ]
    return [*facts, Fact(_("Why"), filed.reason)] if filed.reason else facts


def _proof_facts(found: Filing, proof: Proof) -> list[Fact]:
    return [
        Fact(_("Digest of the row filed"), found.row_digest, digest=True),
        Fact(_("Leaf of the tree"), found.leaf_hash, digest=True),
        Fact(_("Entries in the tree"), proof.size),
        Fact(_("Root over them all"), proof.root, digest=True),
    ]


def _path(proof: Proof) -> list[Fact]:
    """The hashes beside the way up, the lowest first; a tree of one entry needs none."""
    return [Fact(_("Step %(number)s") % {"number": at}, digest, digest=True) for at, digest in enumerate(proof.path, 1)]


def _paper(index: int, proof: Proof) -> Paper:
    href = f"{reverse('receipts_json', args=[index])}?size={proof.size}"
    return Paper(_("The receipt with everything needed to check it"), href, "JSON")


def _no_such_size(index: int, size: int) -> Notice:
    words = _("The entry is in every ledger from %(least)s entries on; there are %(most)s now.") % {
        "least": index + 1,
        "most": size,
    }
    return Notice("wait", _("No such ledger holds this entry"), words)


urlpatterns = [
    path("receipts/<int:index>/", receipt, name="receipts_receipt"),
    path("receipts/<int:index>.json", as_json, name="receipts_json"),
]
