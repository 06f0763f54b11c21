"""Settings of the site: nothing to configure for one office, the environment for an organisation.

ANSWERABLE_HOME        folder of the database and the files; default: the checkout, else the working folder
ANSWERABLE_DATABASE    path of the SQLite file; default HOME/answerable.sqlite3
DATABASE_URL           postgresql://user:password@host:5432/name instead of SQLite
ANSWERABLE_SECRET_KEY  signs sessions; default: a key made once and kept in HOME/var/secret_key
ANSWERABLE_HOSTS       comma-separated host names the site answers to; default: this machine only
ANSWERABLE_HTTPS       1 when the site is served over HTTPS: cookies travel on it only
ANSWERABLE_DEMO_NOW    an ISO moment the site's clock starts at (demonstrations only)
ANSWERABLE_DEBUG       1 for Django's debug pages (developers only)
"""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

PACKAGE = Path(__file__).resolve().parent
CHECKOUT = PACKAGE.parents[1]


def home() -> Path:
    """Where the installation keeps its files: never inside site-packages."""
    if chosen := os.environ.get("ANSWERABLE_HOME"):
        return Path(chosen).resolve()
    return CHECKOUT if (CHECKOUT / "manage.py").exists() else Path.cwd()


def database(environment: dict[str, str], folder: Path) -> dict[str, Any]:
    """The one database, read from DATABASE_URL or else a SQLite file."""
    url = urlsplit(environment.get("DATABASE_URL", ""))
    if url.scheme in {"postgres", "postgresql"}:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(url.path.lstrip("/")),
            "USER": unquote(url.username or ""),
            "PASSWORD": unquote(url.password or ""),
            "HOST": unquote(url.hostname or ""),
            "PORT": str(url.port or ""),
            "OPTIONS": dict(parse_qsl(url.query)),
            "CONN_MAX_AGE": 60,
        }
    if url.scheme:
        raise ImproperlyConfigured(f"DATABASE_URL begins with {url.scheme}://; it must begin with postgresql://")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": environment.get("ANSWERABLE_DATABASE") or str(folder / "answerable.sqlite3"),
        # IMMEDIATE: two writers queue at the start of a transaction instead of failing in its middle.
        # recursive_triggers: INSERT OR REPLACE deletes the old row, and the append-only triggers must see that.
        # Django itself switches foreign keys on.
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA recursive_triggers=ON;",
        },
    }


def secret_key(environment: dict[str, str], folder: Path) -> str:
    """The key from the environment, else one made once and kept beside the database of one machine."""
    if key := environment.get("ANSWERABLE_SECRET_KEY"):
        return key
    if environment.get("DATABASE_URL"):
        raise ImproperlyConfigured("Set ANSWERABLE_SECRET_KEY: with DATABASE_URL several machines may share sessions.")
    kept = folder / "var" / "secret_key"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(48), "utf-8")
    return kept.read_text("utf-8").strip()


HOME = home()
DEBUG = os.environ.get("ANSWERABLE_DEBUG") == "1"
SECRET_KEY = secret_key(dict(os.environ), HOME)
DATABASES = {"default": database(dict(os.environ), HOME)}
MEDIA_ROOT = HOME / "var"
DEMO_NOW = os.environ.get("ANSWERABLE_DEMO_NOW", "")

HTTPS = os.environ.get("ANSWERABLE_HTTPS") == "1"
ALLOWED_HOSTS = [name for name in os.environ.get("ANSWERABLE_HOSTS", "localhost,127.0.0.1,[::1]").split(",") if name]
CSRF_TRUSTED_ORIGINS = [f"{'https' if HTTPS else 'http'}://{name}" for name in ALLOWED_HOSTS]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

INSTALLED_APPS = [
    "answerable.site",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "django_htmx",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "answerable.site.headers.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "answerable.site.reads.once.OncePerPage",
]

ROOT_URLCONF = "answerable.site.urls"
WSGI_APPLICATION = "answerable.site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

AUTH_USER_MODEL = "answerable.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "answerable.site.signin.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "answerable.site.signin.ClosedDoor"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "/"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS: list[Path] = []
# One process serves its own files: nothing to collect first, nothing to forget.
WHITENOISE_USE_FINDERS = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
