"""The table of contents of the site."""

from allauth.account import views as account
from django.urls import include, path

from answerable.site.views import (
    agreements,
    corrections,
    draws,
    evidence,
    explanations,
    filing,
    findings,
    grades,
    home,
    ledger,
    notices,
    posts,
    programmes,
    proposals,
    receipts,
    returns,
    signing,
    style,
    trials,
    unit_codes,
    unit_events,
    units,
    versions,
    visits,
)

# Only the pages of sign-in that we have a use for: nobody signs up, and no account has an e-mail address.
accounts = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
]

urlpatterns = [
    path("", home.home, name="home"),
    path("accounts/", include(accounts)),
    path("i18n/", include("django.conf.urls.i18n")),
    path("style", style.index, name="style"),
    path("style/public", style.public, name="style_public"),
    *unit_events.urlpatterns,  # before the units: a change is no unit
    *unit_codes.urlpatterns,
    *units.urlpatterns,
    *posts.urlpatterns,
    *agreements.urlpatterns,
    *signing.urlpatterns,
    *returns.urlpatterns,
    *filing.urlpatterns,
    *receipts.urlpatterns,
    *corrections.urlpatterns,
    *evidence.urlpatterns,
    *draws.urlpatterns,  # before the visits: /visits/draw/ is no visit
    *visits.urlpatterns,
    *findings.urlpatterns,
    *grades.urlpatterns,
    *explanations.urlpatterns,
    *notices.urlpatterns,
    *ledger.urlpatterns,
    *trials.urlpatterns,
    *programmes.urlpatterns,
    *proposals.urlpatterns,  # before the versions: a proposal is no digest
    *versions.urlpatterns,
]
