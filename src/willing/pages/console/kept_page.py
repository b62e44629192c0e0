"""A page that a device keeps, so that it opens without the server: its name, and which files it loads."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from django.http import HttpResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language

from willing.people.models import School

WORKER = "ui/kept_worker.js"
# What every kept page loads: its frame (ui/base.html) and what its scripts share.
SHARED = (
    "ui/favicon.svg",
    "ui/tokens.css",
    "ui/base.css",
    "ui/components.css",
    "ui/asking.js",
    "ui/card_guard.js",
    "ui/card.js",
    "ui/help.js",
    "ui/kept_database.js",
    "ui/kept_page.js",
    "ui/new_id.js",
    "ui/notices.js",
    "ui/page_parts.js",
    "console/console.css",
    "console/kept_page.css",
    "django_htmx/htmx-2.min.js",
)


@dataclass(frozen=True)
class KeptPage:
    """A page of ours on a device. name: of its cache; page: the name of its address; files: what it loads."""

    name: str
    page: str
    files: tuple[str, ...]

    def manifest(self, school: School, called: str) -> HttpResponse:
        """Say what the app is called and where it begins, for a device that installs it."""
        start = reverse(self.page)
        icon = {
            "src": static("ui/favicon.svg"),
            "sizes": "any",
            "type": "image/svg+xml",
            "purpose": "any",
        }
        content = {
            "name": f"{called} · {school.name}",
            "short_name": called,
            "lang": get_language(),
            "id": start,
            "start_url": start,
            "scope": start,
            "display": "standalone",
            "background_color": "#faf7f1",
            "theme_color": "#0b5a47",
            "icons": [icon],
        }
        return HttpResponse(json.dumps(content), content_type="application/manifest+json")

    def worker(self, school: School) -> HttpResponse:
        """Return the script that keeps the page and its files; of another version where one of them changed.

        A browser that asks for it with nobody signed in goes on with the one that it has.
        """
        files = [*map(static, self.files), *_branding(school)]
        kept = {
            "name": self.name,
            "page": reverse(self.page),
            "files": files,
            "version": sha256("\n".join(files).encode()).hexdigest()[:16],
        }
        text = f"self.KEPT = {json.dumps(kept)};\nimportScripts({json.dumps(static(WORKER))});\n"
        return HttpResponse(text, content_type="text/javascript", headers={"Cache-Control": "no-cache"})


def _branding(school: School) -> Iterator[str]:
    """Return where the school's own colour and logo are, as the page loads them (ui/base.html)."""
    if school.colour:
        yield reverse("look-colour", args=[school.colour[1:]])
    if school.logo_sha256:
        yield reverse("look-logo", args=[school.logo_sha256[:16]])
