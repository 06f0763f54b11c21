"""Who may get an account: only those the office appoints. Nobody signs up."""

from allauth.account.adapter import DefaultAccountAdapter  # type: ignore[import-untyped]
from django.http import HttpRequest


class ClosedDoor(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
