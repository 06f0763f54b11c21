"""Who may get an account: only those the office appoints. Nobody signs up."""

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.password_validation import MinimumLengthValidator
from django.http import HttpRequest
from django.utils.translation import gettext as _


class ClosedDoor(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class LongEnough(MinimumLengthValidator):
    """Django's check with words of our own: its refusal is not in Django's Chinese catalogue."""

    def get_error_message(self) -> str:
        return _("The password is too short: at least %(count)s characters.") % {"count": self.min_length}
