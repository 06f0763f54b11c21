"""Staff accounts: the only persons the house knows, and of them a user name and a name to show."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _


class People(BaseUserManager["Person"]):
    def create_user(self, username: str, password: str | None = None, display_name: str = "") -> "Person":
        person = self.model(username=username, display_name=display_name or username)
        person.set_password(password)
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser):
    username = models.CharField(_("user name"), max_length=40, unique=True)
    display_name = models.CharField(_("name"), max_length=80)
    is_active = models.BooleanField(default=True)

    objects: ClassVar[People] = People()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.display_name
