"""What stands before a page: who is asking, whether that post may see it, and how an action's refusal reaches the form."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse

from answerable.site.actions import Receipt
from answerable.site.permissions import Holder, Permission, Subject
from answerable.site.templatetags.menu import holder_of
from answerable.site.views.parts import add_issues
from answerable.values import Refused

__all__ = ["allow", "attempt", "holder_of", "members_only", "sees_all"]

P = ParamSpec("P")


def members_only(
    permission: Permission,
) -> Callable[
    [Callable[Concatenate[HttpRequest, P], HttpResponse]], Callable[Concatenate[HttpRequest, P], HttpResponse]
]:
    """A page for people who are signed in and hold a post with this permission for something."""

    def guard(
        view: Callable[Concatenate[HttpRequest, P], HttpResponse],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            holder = holder_of(request)
            if not any(holder.may(permission, Subject(held.unit, holder.username)) for held in holder.posts):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        asked: Callable[Concatenate[HttpRequest, P], HttpResponse] = login_required(guarded)
        return asked

    return guard


def allow(request: HttpRequest, permission: Permission, unit: str = "", inspector: str = "") -> Holder:
    """Whoever asks, if the permission reaches this unit (or this inspector's visit).

    Raises:
        PermissionDenied: where it does not.
    """
    holder = holder_of(request)
    if not holder.may(permission, Subject(unit, inspector)):
        raise PermissionDenied
    return holder


def sees_all(holder: Holder) -> bool:
    """Whether a list shows every unit: for posts of the district. Others see their own units or visits."""
    return holder.holds("office") or holder.holds("leading_group")


def attempt(form: BaseForm, action: Callable[[], Receipt]) -> Receipt | None:
    """Take an action; None if it was refused, with every issue put beside its field of the form."""
    try:
        return action()
    except Refused as refused:
        add_issues(form, refused.issues)
        return None
