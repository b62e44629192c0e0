"""Where the two databases are, and how they are opened. A connection stays open between requests."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

SCHEMES = frozenset({"postgres", "postgresql", "pgsql"})
# A connection that a firewall or a restarted server has cut is found before it is used, and made anew; and
# none lasts longer, so that a server whose address has changed is found again.
CONNECTION_SECONDS_MAX = 600
# What an address may say after its `?`: how the line is secured, and how long it is waited for
# (PostgreSQL's manual, 34.1.2). Whatever else is there is refused: a misspelt `sslmode` is no TLS.
OPTIONS = frozenset(
    {
        "application_name",
        "channel_binding",
        "connect_timeout",
        "currentSchema",
        "gssencmode",
        "keepalives",
        "keepalives_count",
        "keepalives_idle",
        "keepalives_interval",
        "options",
        "require_auth",
        "ssl_max_protocol_version",
        "ssl_min_protocol_version",
        "sslcert",
        "sslcrl",
        "sslkey",
        "sslmode",
        "sslnegotiation",
        "sslrootcert",
        "target_session_attrs",
        "tcp_user_timeout",
    }
)
DEFAULT_PORT = 5432
# libpq's words for a server that takes writes; and how long each of several is waited for (2 is its least).
WRITABLE = frozenset({"read-write", "primary"})
CONNECT_SECONDS_EACH = 2
SSL_MODES = frozenset({"disable", "allow", "prefer", "require", "verify-ca", "verify-full"})


def read_database(variable: str, path: Path, *, timeout_seconds: int = 20) -> dict[str, object]:
    """Return Django's settings for PostgreSQL at the address in `variable`, or for SQLite at `path`.

    Raises ImproperlyConfigured for an address that is not understood; it names no password.
    """
    url = os.environ.get(variable)
    return postgres(url, variable) if url else sqlite(path, timeout_seconds)


def sqlite(path: Path, timeout_seconds: int) -> dict[str, object]:
    """Return Django's settings for a file. Opening one costs more than what a request asks of it."""
    return {
        "ENGINE": "willing.core.sqlite",
        "NAME": path,
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # A writer takes the lock when its transaction opens, so that it never fails half-way.
            "transaction_mode": "IMMEDIATE",
            "timeout": timeout_seconds,
            # FULL: a sale that was answered survives a power cut. secure_delete: erased pages are zeroed.
            # temp_store: a sort that outgrows its memory must not write names into the system's folder.
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; "
                "PRAGMA temp_store=MEMORY;"
            ),
        },
        "TEST": {"NAME": path.with_name(f"test-{path.name}")},
    }


def postgres(url: str, variable: str) -> dict[str, object]:
    """Return Django's settings for postgresql://user:password@host/name?sslmode=verify-full and the like.

    Several servers are in one address, `host:port,host:port`; only one accepts writes, the others follow it.
    """
    try:
        parts = urlsplit(url)
        if parts.scheme not in SCHEMES:
            raise ImproperlyConfigured(f"{variable} begins with no postgresql://")
        hosts = parts.netloc.rpartition("@")[2].split(",")
        one = url if len(hosts) == 1 else _with_host(parts, hosts[0])
        found = dict(dj_database_url.parse(one, conn_max_age=CONNECTION_SECONDS_MAX, conn_health_checks=True))
        ports = [urlsplit(f"//{host}").port or DEFAULT_PORT for host in hosts]
    except ValueError:
        raise ImproperlyConfigured(
            f"{variable} can't be read: write postgresql://user:password@host:port/name, "
            "with % and two digits for signs that have a meaning there"
        ) from None
    _require_known(urlsplit(url).query, urlsplit(url).fragment, variable)
    found["ENGINE"] = "willing.core.postgresql"
    found["PORT"] = str(found["PORT"])
    if len(hosts) > 1:
        _name_all(found, hosts, ports, variable)
    if not found["NAME"]:
        raise ImproperlyConfigured(
            f"{variable} names no database: write postgresql://user:password@host/name"
        )
    return found


def _with_host(parts: SplitResult, host: str) -> str:
    user, sign, _hosts = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user}{sign}{host}").geturl()


def _name_all(found: dict[str, Any], hosts: list[str], ports: list[int], variable: str) -> None:
    """Name every server, in libpq's form. Only one that takes writes will do, and none is waited for long."""
    options = found.setdefault("OPTIONS", {})
    if options.get("target_session_attrs") not in WRITABLE:
        raise ImproperlyConfigured(
            f"{variable} names several servers: write ?target_session_attrs=read-write behind it, "
            "so that only the one that takes writes is used"
        )
    if not all(urlsplit(f"//{host}").hostname for host in hosts):
        raise ImproperlyConfigured(f"{variable} names a server without a name between its commas")
    options.setdefault("connect_timeout", str(CONNECT_SECONDS_EACH))
    found["HOST"] = ",".join(str(urlsplit(f"//{host}").hostname) for host in hosts)
    found["PORT"] = ",".join(str(port) for port in ports)


def _require_known(query: str, fragment: str, variable: str) -> None:
    if fragment:
        raise ImproperlyConfigured(f"{variable} holds a #: write %23 for it")
    seen: set[str] = set()
    for part in filter(None, query.split("&")):
        name, sign, value = part.partition("=")
        if name not in OPTIONS or name in seen or not sign or not value:
            known = ", ".join(sorted(OPTIONS))
            raise ImproperlyConfigured(
                f"{variable}: {name!r} is not understood, or empty, or there twice. Known are {known}"
            )
        if name == "sslmode" and value not in SSL_MODES:
            raise ImproperlyConfigured(f"{variable}: sslmode is one of {', '.join(sorted(SSL_MODES))}")
        seen.add(name)
