"""Served by name: a person who typed a number at the front doors is led to the name, and reads why.

Browsers keep a passkey for a name only. Nothing else is led anywhere: not the API, not a paired till, not
anyone who is signed in, not a probe that asks for no page.
"""

import ipaddress

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from willing.pages.ui.middleware import GetResponse

DOORS = ("/", "/sign-in/", "/set-up/")
SECONDS = 4
HERE = "localhost"


class ByNameMiddleware:
    """Answer a front door that is asked for at a number with where it is by name."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Lead on, or pass the request on."""
        name = _name_for(request) if _is_front_door(request) else ""
        if not name:
            return self.get_response(request)
        target = f"{request.scheme}://{name}{request.get_full_path()}"
        response = render(request, "ui/by_name.html", {"target": target, "name": name})
        response.headers["Refresh"] = f"{SECONDS}; url={target}"
        return response


def _is_front_door(request: HttpRequest) -> bool:
    return (
        request.method == "GET"
        and request.path_info in DOORS
        and "text/html" in request.headers.get("Accept", "")
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
    )


def _name_for(request: HttpRequest) -> str:
    """Return the name, with the port, that a request's number has; empty where it is a name, or has none."""
    number, port = split_host(request.get_host())
    try:
        address = ipaddress.ip_address(number.strip("[]"))
    except ValueError:
        return ""
    names = [one for one in settings.ALLOWED_HOSTS if is_name(one)]
    if settings.TLS is not None:
        names = list(settings.TLS.names)  # the certificate fits no other, on this computer either
    elif address.is_loopback:
        names = [one for one in names if one == HERE]
    else:
        names = [one for one in names if one != HERE]
    return f"{names[0]}{port}" if names else ""


def split_host(host: str) -> tuple[str, str]:
    """Return a host's name or number, and its port with the colon: "[::1]:8000" -> ("[::1]", ":8000")."""
    name, colon, port = host.rpartition(":")
    return (name, f":{port}") if colon and not port.endswith("]") and port.isdigit() else (host, "")


def is_name(host: str) -> bool:
    """Say whether a host of the settings is one name, and neither a number nor all names below one."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return not host.startswith((".", "*"))
    return False
