"""Django settings. Everything a school may change comes from the environment (docs/reference/settings.md)."""

import os
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from willing.config.databases import read_database
from willing.config.server_limits import ServerLimits
from willing.core.contacts import read_contact
from willing.core.environment import (
    read_addresses,
    read_choice,
    read_hosts,
    read_origins,
    read_prefix,
    read_switch,
    read_time_zone,
    read_token,
    read_url,
    require_known_settings,
)
from willing.core.paths import DJANGO_KEY_BYTES, django_key_file, home, read_secret
from willing.ops.https_files import LOCAL, read_https

require_known_settings()
SERVER_LIMITS = ServerLimits()
PACKAGE = Path(__file__).resolve().parent.parent
HOME = home()

DEBUG = False


@cache
def _django_key() -> str:
    return read_secret(django_key_file(), length_bytes=DJANGO_KEY_BYTES).hex()


# Read when first used: loading the settings must neither make an installation nor need one.
SECRET_KEY = lazy(_django_key, str)()
MASTER_KEY_FILE = Path(os.environ.get("WILLING_MASTER_KEY_FILE", HOME / "secrets" / "master.key"))
# What this server shows where it speaks HTTPS itself (`willing https`); then its names are ours.
TLS = read_https()
ALLOWED_HOSTS = list(
    dict.fromkeys(
        [*(TLS.names if TLS else ()), *read_hosts("WILLING_HOSTS", default="127.0.0.1,localhost,[::1]")]
    )
)
CSRF_TRUSTED_ORIGINS = read_origins("WILLING_ORIGINS")
# The path below which a proxy serves the pages; every address that is written begins with it.
PREFIX = read_prefix("WILLING_PREFIX")
FORCE_SCRIPT_NAME = PREFIX or None
BEHIND_HTTPS = read_switch("WILLING_HTTPS")
HTTPS = BEHIND_HTTPS or TLS is not None
# Where plain HTTP leads on to it; the command that serves knows.
DOOR_PORT: int | None = None
# Whose X-Forwarded-For is believed. Behind HTTPS there is a proxy; without it there may be none.
PROXIES = read_addresses("WILLING_PROXIES", default="127.0.0.1,::1" if BEHIND_HTTPS else "")
# A name that no other host of the school's domain can set a cookie under, where browsers keep to that.
COOKIE_PREFIX = ("__Secure-" if PREFIX else "__Host-") if HTTPS else ""
# Whoever sends it reads /metrics; unset: there is none.
METRICS_TOKEN = read_token("WILLING_METRICS_TOKEN")
SECURITY_CONTACT = read_contact(os.environ.get("WILLING_SECURITY_CONTACT", ""))

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "ninja",
    "csp",
    "willing.core",
    "willing.audit",
    "willing.jobs",
    "willing.keys",
    "willing.people",
    "willing.accounts",
    "willing.mail",
    "willing.consent",
    "willing.ledger",
    "willing.entitlements",
    "willing.leave",
    "willing.visits",
    "willing.terminals",
    "willing.drawers",
    "willing.allergens",
    "willing.attendance",
    "willing.boarding",
    "willing.dpia",
    "willing.biometrics",
    "willing.credentials",
    "willing.consent_forms",
    "willing.payments",
    "willing.gate",
    "willing.till",
    "willing.meals",
    "willing.complaints",
    "willing.wallets",
    "willing.rollcall",
    "willing.roster",
    "willing.documents",
    "willing.books",
    "willing.privacy",
    "willing.pages.ui",
    "willing.pages.kiosk",
    "willing.pages.lane",
    "willing.pages.portal",
    "willing.pages.console",
    "willing.api",
    # Before allauth, whose templates ours take the place of.
    "willing.pages.sign_in",
    "willing.pages.set_up",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "willing.pages.ui.middleware.PrivateAnswersMiddleware",
    "csp.middleware.CSPMiddleware",
    "willing.pages.ui.middleware.PermissionsPolicyMiddleware",
    "willing.api.middleware.ProblemMiddleware",
    # Before whatever reads a path, a cookie or a form, static files and sessions included.
    "willing.pages.ui.readable.ReadableTextMiddleware",
    "willing.people.requests.SchoolMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "willing.pages.ui.by_name.ByNameMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "willing.pages.ui.middleware.RefusalMiddleware",
    "willing.pages.console.refusals.StaffRefusalMiddleware",
    "willing.pages.ui.too_large.TooLargeMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

MESSAGE_STORAGE = "willing.pages.ui.presses.PressMessages"
ROOT_URLCONF = "willing.config.urls"
WSGI_APPLICATION = "willing.config.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "willing.pages.ui.look.school_look",
                "willing.pages.ui.help.help_of_page",
            ],
        },
    },
]


DATABASES: dict[str, dict[str, Any]] = {
    "default": read_database("WILLING_DATABASE_URL", HOME / "willing.sqlite3"),
    # Never in the same backup as the main database: without these keys no template opens. Nobody waits long
    # for them: what could not be destroyed at once is noted, and tried again.
    "keys": read_database("WILLING_KEYS_DATABASE_URL", HOME / "keys" / "keys.sqlite3", timeout_seconds=2),
}
DATABASE_ROUTERS = ["willing.keys.router.KeysRouter"]

CACHES: dict[str, dict[str, object]] = {
    "default": {
        "BACKEND": "willing.core.cache.SteadyCache",
        # Tries are counted here. With the 300 entries of Django, trying 300 names forgot every count.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# The first is for passwords; PINs name theirs (credentials/pin_attempts.py).
PASSWORD_HASHERS = ["willing.core.hashing.BoundedArgon2", "willing.core.hashing.PinArgon2"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "willing.core.hashing.VisiblePassword"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"

# Sign-in: django-allauth, of which willing.pages.sign_in opens only what is needed (docs/operate/sign-in.md).
AUTHENTICATION_BACKENDS = ["willing.accounts.backend.UsernameBackend"]
ACCOUNT_ADAPTER = "willing.pages.sign_in.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = True
# 10 wrong attempts a minute and address: a class signs in behind one; 5 in five minutes for one name.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    # Going to the school's provider begins a session, so it is limited for all together as well.
    "openid": "30/m/ip,300/m/key",
    # A pairing code is short and lives for minutes; nobody sets up more tills than this.
    "pair": "10/m/ip,60/m/key",
    # 60 bits that live as long as the server: nobody guesses them at this rate, and one hand types no faster.
    "set_up": "10/m/ip,30/m/key",
    # Each asks another server, at an address that someone typed.
    "reach": "6/m/ip,20/m/key",
    # A refusal is a rare thing, and a cashier finds one person at a time.
    "record_viewed": "20/10m/key",
    "till_look_up": "60/10m/key",
    # A proof reads some tens of rows; a family's page asks once each time it is opened.
    "log_continuity": "30/m/key",
}
MFA_ADAPTER = "willing.pages.sign_in.adapters.MFAAdapter"
MFA_FORMS = {
    "activate_totp": "willing.pages.sign_in.forms.NewAppForm",
    "authenticate": "willing.pages.sign_in.forms.SecondFactorForm",
    "signup_webauthn": "willing.pages.sign_in.forms.NewPasskeyForm",
    "authenticate_webauthn": "willing.pages.sign_in.forms.SecondPasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RATE_LIMITS = {"webauthn_login": "60/m/ip"}
MFA_TOTP_TOLERANCE = 1  # clocks of phones and schools differ by some seconds
SOCIALACCOUNT_ADAPTER = "willing.pages.sign_in.adapters.SocialAccountAdapter"
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
# The school's own OpenID Connect provider; off where no address is set.
OIDC_URL = read_url("WILLING_OIDC_URL")
OIDC_NAME = os.environ.get("WILLING_OIDC_NAME", "OpenID") if OIDC_URL else ""
OIDC_APP = {
    "provider_id": "school",
    "name": OIDC_NAME,
    "client_id": os.environ.get("WILLING_OIDC_CLIENT", ""),
    "secret": os.environ.get("WILLING_OIDC_SECRET", ""),
    # Claims only from the signed id_token.
    "settings": {"server_url": OIDC_URL, "fetch_userinfo": False, "oauth_pkce_enabled": True},
}
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [OIDC_APP] if OIDC_URL else []}}

LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LANGUAGE_CODE = read_choice("WILLING_LANGUAGE", dict(LANGUAGES), default="en")
LOCALE_PATHS = [PACKAGE / "pages" / "ui" / "locale"]
USE_TZ = True
TIME_ZONE = read_time_zone("WILLING_TIME_ZONE", default="UTC")

STATIC_URL = f"{PREFIX}/static/"
STATIC_ROOT = HOME / "static"  # written when the server starts (config.static_files)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "willing.config.static_files.HashedStaticFiles"},
}
WHITENOISE_USE_FINDERS = True  # plain names, where the hashed ones could not be written
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_ALLOW_ALL_ORIGINS = False

SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = LANGUAGE_COOKIE_PATH = f"{PREFIX}/"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 12 * 3600  # how long a session really lasts, people.rules decides
CSRF_COOKIE_SECURE = HTTPS
# Not with an authority of this computer's own: once that is removed, no browser could open the pages for a
# year.
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS and not (TLS and TLS.kind == LOCAL) else 0
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# A 640x480 JPEG frame has some 60 KB, a photograph uploaded at the desk a few MB. Everything stays in
# memory: a photograph is never spooled to a temporary file.
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
# Whatever is written under the home, the pages' own static files too, is its owner's only.
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "media-src": ["'self'", "blob:"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    },
}

# Requests are logged by path only; bodies, names and frames never reach a log.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {
        "without_link_tokens": {"()": "willing.core.logs.WithoutLinkTokens"},
        "without_expected_tracebacks": {"()": "willing.core.logs.WithoutExpectedTracebacks"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "plain",
            "filters": ["without_link_tokens", "without_expected_tracebacks"],
        }
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"willing": {"handlers": ["stderr"], "level": "INFO", "propagate": False}},
}
# What other addresses of the school's domain serve, and whether browsers may never again speak HTTP with
# it, is the school's to decide: neither can be taken back.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
