"""What stands before a page: who asks, whether that post may see it, and how an action's refusal reaches the form."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

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

V = TypeVar("V", bound=Callable[..., HttpResponse])


def members_only(permission: Permission) -> Callable[[V], V]:
    """A page for people who are signed in and hold a post with this permission for something."""

    def guard(view: V) -> V:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            holder = holder_of(request)
            if not any(holder.may(permission, Subject(held.unit, holder.username)) for held in holder.posts):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return cast(V, login_required(guarded))

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
