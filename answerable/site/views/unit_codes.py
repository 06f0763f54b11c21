"""The office enters by which codes others know a unit, and which post to turn to, from a day on."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from answerable.site import clock
from answerable.site.actions import units
from answerable.site.actions.units import Codes
from answerable.site.reads.units import list_identities
from answerable.site.views.guard import attempt, members_only
from answerable.site.views.parts import DayField, Link, Notice, PageHead
from answerable.site.views.units import href_of, unit_or_404

__all__ = ["urlpatterns"]


class CodesForm(forms.Form):
    """The codes of a unit as they are typed. How long a code is, and its checks, are the register's to say."""

    valid_from = DayField(label=gettext_lazy("From which day on"))
    division_code = forms.CharField(
        label=gettext_lazy("Division code"),
        help_text=gettext_lazy("12 digits, as statistics write it."),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    credit_code = forms.CharField(
        label=gettext_lazy("Credit code"),
        help_text=gettext_lazy("18 characters; those of collectives begin with N."),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    contact_post = forms.CharField(
        label=gettext_lazy("Contact post"),
        help_text=gettext_lazy("The post, not the person: it stays when people change."),
        max_length=120,
        required=False,
    )

    def codes_of(self, unit: str) -> Codes:
        """What was typed, without blanks within a code and in capitals."""
        said = self.cleaned_data
        division, credit = ("".join(said[name].split()).upper() for name in ("division_code", "credit_code"))
        return Codes(unit, division, credit, said["contact_post"])


@members_only("units.register")
def codes(request: HttpRequest, code: str) -> HttpResponse:
    """`/units/<code>/codes/`: what holds today stands in the form; what is entered holds from the day said."""
    found = unit_or_404(code)
    form = CodesForm(request.POST or None, initial=_today_of(code))
    if request.method == "POST" and form.is_valid():
        day = form.cleaned_data["valid_from"]
        entered = form.codes_of(code)
        if receipt := attempt(form, lambda: units.identify(by=request.user, codes=[entered], valid_from=day)):
            messages.success(request, _("Recorded: entry %(entry)s of the ledger.") % {"entry": receipt.entry})
            return redirect("units_unit", code)
    crumbs = [Link(_("Register of units"), reverse("units_index")), Link(found.name, href_of(code))]
    context = {
        "head": PageHead(_("Codes of the unit"), crumbs, code),
        "notice": Notice(
            "calm",
            _("Nothing is overwritten"),
            _("What held before the day stays in the history. A field left empty says that the unit has none."),
        ),
        "form": form,
        "submit": _("Record it"),
        "back": href_of(code),
    }
    return render(request, "asking.html", context)


def _today_of(code: str) -> dict[str, Any]:
    known = list_identities().get(code)
    said = {"valid_from": clock.today()}
    if known is None:
        return said
    codes = {"division_code": known.division_code, "credit_code": known.credit_code}
    return {**said, **codes, "contact_post": known.contact_post}


urlpatterns = [path("units/<str:code>/codes/", codes, name="units_codes")]
