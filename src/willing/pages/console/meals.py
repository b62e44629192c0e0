"""The kitchen's forecast, England's census days, and what the school carries."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.core.money import write_minor
from willing.core.spreadsheets import as_text
from willing.meals import census
from willing.meals.forecast import forecast
from willing.meals.owed import carried_meals
from willing.meals.rules import FORECAST_DAYS_MIN, FORECAST_WEEKS
from willing.pages.console.forms import Plain
from willing.pages.console.helpers import show, user_of
from willing.pages.console.navigation import Page
from willing.pages.console.roles import OFFICE, READS_THE_FORECAST
from willing.pages.console.view_log import record_views
from willing.people.queries import today

CARRIED_DAYS = 90
DOORS = (
    Page(
        "console:entitlements",
        gettext_lazy("Free and reduced meals"),
        gettext_lazy("Who eats free, what is to be checked, whole classes"),
        "ui/icons/meal.svg",
        OFFICE,
    ),
    Page(
        "console:carried",
        gettext_lazy("Meals carried by the school"),
        gettext_lazy("Whose wallet could not pay, how many, how much"),
        "ui/icons/receipt.svg",
        OFFICE,
    ),
    Page(
        "console:duplicates",
        gettext_lazy("Charged twice?"),
        gettext_lazy("Purchases that look alike, refunded or to be decided"),
        "ui/icons/refund.svg",
        OFFICE,
    ),
    Page(
        "console:arrears",
        gettext_lazy("Balances below zero"),
        gettext_lazy("With a letter or an e-mail to the families"),
        "ui/icons/letter.svg",
        OFFICE,
    ),
)
CENSUS = Page(
    "console:census",
    gettext_lazy("Census days"),
    gettext_lazy("Infant and benefits-related free meals"),
    "ui/icons/people.svg",
    OFFICE,
)


@require_safe
@allow_roles(*READS_THE_FORECAST)
def meals(request: PageRequest) -> HttpResponse:
    """Show how many main meals the next school days need, and how that was worked out."""
    doors = [*DOORS, *([CENSUS] if census.has_census(request.school) else [])]
    context = {
        "days": forecast(request.school),
        "weeks": FORECAST_WEEKS,
        "days_min": FORECAST_DAYS_MIN,
        "doors": [one for one in doors if not request.roles.isdisjoint(one.roles)],
    }
    return show(request, "console/meals/forecast.html", context)


@require_safe
@allow_roles(*READS_THE_FORECAST)
def forecast_csv(request: PageRequest) -> HttpResponse:
    """Give the forecast as a list."""
    headings = [_("Day"), _("Main meals"), _("Fewest"), _("Most"), _("Of them free"), _("Based on days")]
    headings += [_("Away: trip"), _("Away: leave"), _("Away: illness"), _("Packed meals for trips")]
    rows = [
        [
            one.day.day.isoformat(),
            *(
                [one.expected.meals, one.expected.fewest, one.expected.most, one.granted, one.expected.days]
                if one.expected
                else ["", "", "", "", len(one.past)]
            ),
            one.away.trip,
            one.away.leave,
            one.away.illness,
            one.away.packed,
        ]
        for one in forecast(request.school)
    ]
    return csv_answer("forecast", headings, rows)


def csv_answer(name: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """Give rows as a CSV that a spreadsheet opens, which no cache keeps and no spreadsheet runs."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="willing-{name}.csv"'
    response.headers["Cache-Control"] = "no-store"
    response.write("\ufeff")  # a spreadsheet would take UTF-8 for something else
    writer = csv.writer(response)
    writer.writerow(headings)
    writer.writerows(
        ["" if cell is None else as_text(cell) if isinstance(cell, str) else cell for cell in row]
        for row in rows
    )
    return response


class DayForm(Plain):
    """A day."""

    day = forms.DateField(
        label=gettext_lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


@require_http_methods(["GET", "POST"])
@allow_roles(*OFFICE)
def census_page(request: PageRequest) -> HttpResponse:
    """Show the census days and, of one of them, who took a meal that counts; add a day."""
    school = request.school
    census.require_census(school)
    form = DayForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        census.set_census_day(school, form.cleaned_data["day"], by=user_of(request))
        messages.success(request, _("The census day is added."))
        return redirect(f"{request.path}?day={form.cleaned_data['day'].isoformat()}")
    days = census.census_days(school)
    day = _asked(request, days)
    found = census.census_meals(school, day) if day else []
    record_views([one.person for one in found], by=user_of(request))
    context = {
        "form": form,
        "days": days,
        "day": day,
        "infants": [one for one in found if one.is_infant],
        "others": [one for one in found if not one.is_infant],
        "has_infants": any(one.is_infant for one in school.year_groups.all()),
        "is_ahead": day is not None and day > today(school),
    }
    return show(request, "console/meals/census.html", context, status=422 if form.is_bound else 200)


def _asked(request: PageRequest, days: Sequence[date]) -> date | None:
    """Return the census day that the address names, else the latest."""
    named = request.GET.get("day", "")
    return next((one for one in days if one.isoformat() == named), days[0] if days else None)


@require_POST
@allow_roles(*OFFICE)
def delete_census_day(request: PageRequest) -> HttpResponse:
    """Take a day off the list of census days."""
    census.require_census(request.school)
    form = DayForm(request.POST)
    if form.is_valid():
        census.delete_census_day(request.school, form.cleaned_data["day"], by=user_of(request))
        messages.success(request, _("The census day is removed. Its meals stay."))
    return redirect("console:census")


@require_safe
@allow_roles(*OFFICE)
def census_csv(request: PageRequest) -> HttpResponse:
    """Give who took a meal that counts on a census day as a list."""
    school = request.school
    census.require_census(school)
    day = _asked(request, census.census_days(school))
    found = census.census_meals(school, day) if day else []
    record_views([one.person for one in found], by=user_of(request))
    headings = [_("Day"), _("Class"), _("Till number"), _("Name"), _("Infant"), _("Benefits-related")]
    rows = [
        [
            day.isoformat() if day else "",
            one.person.year_group.name if one.person.year_group else "",
            one.person.till_number,
            one.person.full_name,
            _("yes") if one.is_infant else _("no"),
            _("yes") if one.is_benefits_related else _("no"),
        ]
        for one in found
    ]
    return csv_answer(f"census-{day}" if day else "census", headings, rows)


class MealsPeriodForm(Plain):
    """From one day to another."""

    first = forms.DateField(
        label=gettext_lazy("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last = forms.DateField(
        label=gettext_lazy("To"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


def _period(request: PageRequest) -> tuple[MealsPeriodForm, date, date]:
    last = today(request.school)
    proposed = {"first": last - timedelta(days=CARRIED_DAYS), "last": last}
    form = MealsPeriodForm(request.GET if {"first", "last"} <= request.GET.keys() else None, initial=proposed)
    said = form.cleaned_data if form.is_bound and form.is_valid() else proposed
    return form, said["first"], said["last"]


@require_safe
@allow_roles(*OFFICE)
def carried(request: PageRequest) -> HttpResponse:
    """Show whose main meals the school paid because the wallet could not."""
    form, first, last = _period(request)
    found = carried_meals(request.school, first, last)
    record_views([one.person for one in found], by=user_of(request))
    context = {
        "form": form,
        "first": first,
        "last": last,
        "rows": found,
        "meals": sum(one.meals for one in found),
        "total_minor": sum(one.carried_minor for one in found),
    }
    return show(request, "console/meals/carried.html", context)


@require_safe
@allow_roles(*OFFICE)
def carried_csv(request: PageRequest) -> HttpResponse:
    """Give the same as a list."""
    school, zone = request.school, ZoneInfo(request.school.time_zone)
    _form, first, last = _period(request)
    found = carried_meals(school, first, last)
    record_views([one.person for one in found], by=user_of(request))
    headings = [_("Class"), _("Till number"), _("Name"), _("Meals"), _("Carried"), _("Oldest"), _("Newest")]
    rows = [
        [
            one.person.year_group.name if one.person.year_group else "",
            one.person.till_number,
            one.person.full_name,
            one.meals,
            write_minor(one.carried_minor, school.currency),
            one.oldest.astimezone(zone).date().isoformat(),
            one.newest.astimezone(zone).date().isoformat(),
        ]
        for one in found
    ]
    return csv_answer("carried-meals", headings, rows)
