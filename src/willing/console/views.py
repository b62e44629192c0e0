"""Pages for staff."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from willing.people.access import allow_anyone


@allow_anyone("the front door")
def home(request: HttpRequest) -> HttpResponse:
    """Show where to go."""
    return render(request, "console/home.html")
