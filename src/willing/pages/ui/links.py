"""Addresses that leave the building: on letters, in mail, on a screen that someone photographs."""

from django.http import HttpRequest

from willing.people import errors
from willing.people.addresses import is_own_alone
from willing.people.requests import find_school_of


def public_url(request: HttpRequest, path: str) -> str:
    """Return the whole address of a page as families reach it.

    That is at the school's public address; where none is settled, at the one that the office is at now.
    """
    school = find_school_of(request)
    return (
        f"{school.public_address}{path}"
        if school and school.public_address
        else request.build_absolute_uri(path)
    )


def letter_url(request: HttpRequest, path: str) -> str:
    """Return the address of a page as a letter carries it.

    Raises Refused address_missing where it would be one at which only this computer finds itself: no family
    opens it, and a letter that went out cannot be called back.
    """
    school = find_school_of(request)
    if not (school and school.public_address) and is_own_alone(request.get_host()):
        raise errors.address_missing()
    return public_url(request, path)
