"""The pages of Help: what concerns one page, and the manual as a whole."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from willing.pages.ui.help import HelpTopic, topics
from willing.pages.ui.help.manual import find_part, names, parts_of, to_html


@require_safe
def topic(request: HttpRequest, key: str) -> HttpResponse:
    """Show what of the manual concerns a page; beside it where htmx asks, else as a page of its own."""
    found = topics().get(key)
    if found is None:
        raise Http404
    is_beside = request.headers.get("HX-Request") == "true"
    template = "ui/help/_topic.html" if is_beside else "ui/help/topic.html"
    answer = render(request, template, _shown(found))
    answer.headers["Vary"] = "HX-Request, Accept-Language, Cookie"
    return answer


def _shown(found: HelpTopic) -> dict[str, object]:
    name = found.manual.partition("#")[0]
    part = find_part(found.manual)
    is_chinese = (get_language() or "").startswith("zh")
    return {
        "title": found.title if is_chinese else part.title,
        "chinese": found.chinese if is_chinese else "",
        "text": to_html(part, name, _address, heading=2),
        "manual_title": parts_of(name)[0].title,
        "manual_url": _address(name, part.anchor),
    }


@require_safe
def page(request: HttpRequest, folder: str, name: str) -> HttpResponse:
    """Show a whole page of the manual."""
    try:
        whole, *_parts = parts_of(f"{folder}/{name}")
    except LookupError:
        raise Http404 from None
    text = to_html(whole, f"{folder}/{name}", _address, heading=1)
    return render(request, "ui/help/page.html", {"title": whole.title, "text": text})


@require_safe
def contents(request: HttpRequest) -> HttpResponse:
    """List the topics of the help, and the pages of the manual."""
    is_chinese = (get_language() or "").startswith("zh")
    listed = [
        (reverse("help", args=[one.key]), one.title if is_chinese else find_part(one.manual).title)
        for one in topics().values()
    ]
    pages = [(_address(name, ""), parts_of(name)[0].title) for name in names()]
    return render(request, "ui/help/contents.html", {"listed": listed, "pages": pages})


def _address(name: str, anchor: str) -> str:
    folder, _, page = name.partition("/")
    return reverse("manual", args=[folder, page]) + (f"#{anchor}" if anchor else "")
