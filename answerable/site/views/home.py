"""The first page: what waits for whoever is signed in; for everyone else, what this place is."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from answerable.site.views.parts import PageHead


def home(request: HttpRequest) -> HttpResponse:
    """`/`: by role when signed in, public otherwise."""
    if request.user.is_authenticated:
        return render(request, "home/inside.html", {"head": PageHead(_("Home"))})
    lead = _("Every unit's agreement, returns, inspections and grade, and the sums behind each of them.")
    return render(request, "home/public.html", {"head": PageHead(_("Who promised what, and what was done"), lead=lead)})
