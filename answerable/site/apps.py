"""The one Django app of the site. Its label, and so the first half of every table name, is `answerable`."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "answerable.site"
    label = "answerable"
    verbose_name = "Answerable"
    default_auto_field = "django.db.models.BigAutoField"
