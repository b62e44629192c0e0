"""The families' pages, under /family/."""

from collections.abc import Callable
from typing import Any

from django.urls import path

from willing.pages.portal import (
    absence_messages,
    cards,
    contact,
    evenings,
    family,
    food,
    gate,
    leave,
    log,
    marks,
    money,
    pay_in,
    pay_out,
    policy,
    rights,
    views,
)
from willing.pages.portal.access import for_guardians, for_pupils

app_name = "portal"
CHILD = "child/<uuid:person_id>/"
# About one person: the same page for their guardian, and for themselves below me/.
BOTH: tuple[tuple[str, str, Callable[..., Any]], ...] = (
    ("pay-in/", "pay-in", pay_in.pay_in),
    ("data/", "data", rights.data),
    ("data.json", "data-file", rights.data_file),
    ("report/", "report", rights.report),
    ("marks/", "marks", marks.marks),
    ("marks/write/", "write-note", marks.write),
    ("evenings/", "evenings", evenings.evenings),
    ("lost/", "lost", cards.lost),
    ("absence/", "absence", leave.absence),
    ("absence/<uuid:leave_id>/withdraw/", "withdraw-absence", leave.withdraw_absence),
    ("balance/", "balance", money.balance),
    ("statement/<int:year>-<int:month>/", "statement", money.statement),
    ("statement/<int:year>-<int:month>.csv", "statement-csv", money.statement_list),
    ("statement/<int:year>-<int:month>.pdf", "statement-pdf", money.statement_pdf),
    ("receipt/<int:sequence>/", "receipt", rights.receipt),
    ("receipt/<int:sequence>.json", "receipt-file", rights.receipt_file),
    ("receipt/<int:sequence>.pdf", "receipt-pdf", rights.receipt_pdf),
)
urlpatterns = [
    path("", family.family, name="family"),
    path("contact/", contact.contact, name="contact"),
    path("contact/still/", absence_messages.still_reached, name="still-reached"),
    path("log.json", log.continuity, name="log-file"),
    path("mail/", family.set_mail, name="mail"),
    path(CHILD, for_guardians(family.child), name="child"),
    path(f"{CHILD}decide/", for_guardians(family.decide), name="child-decide"),
    path(f"{CHILD}limits/", for_guardians(family.set_own_limits), name="limits"),
    path(f"{CHILD}pin/", for_guardians(cards.new_pin), name="new-pin"),
    path(f"{CHILD}food/", for_guardians(food.food), name="food"),
    path(f"{CHILD}food/confirm/", for_guardians(food.confirm_food), name="confirm-food"),
    path(f"{CHILD}food/<uuid:entry_id>/remove/", for_guardians(food.remove_food), name="remove-food"),
    path(f"{CHILD}absence/ill/", for_guardians(leave.ill_today), name="ill-today"),
    path(
        f"{CHILD}absence/<uuid:leave_id>/answer/", for_guardians(leave.answer_absence), name="answer-absence"
    ),
    path(
        f"{CHILD}absence-messages/", for_guardians(absence_messages.absence_messages), name="absence-messages"
    ),
    path(
        f"{CHILD}absence-messages/<uuid:try_id>/",
        for_guardians(absence_messages.answer),
        name="answer-absence-message",
    ),
    path(f"{CHILD}gate-messages/", for_guardians(gate.set_messages), name="gate-messages"),
    path(f"{CHILD}money/", for_guardians(money.money), name="money"),
    path(f"{CHILD}money/sibling/", for_guardians(money.to_sibling), name="to-sibling"),
    path(f"{CHILD}money/pay-out/", for_guardians(pay_out.pay_out), name="pay-out"),
    path(f"{CHILD}money/give/", for_guardians(money.give), name="give"),
    path(f"{CHILD}money/low/", for_guardians(money.low_balance), name="low-balance"),
    path("me/", for_pupils(family.me), name="me"),
    path("me/end/", for_pupils(family.stop_using_face), name="end"),
    *(path(f"{CHILD}{address}", for_guardians(page), name=name) for address, name, page in BOTH),
    *(path(f"me/{address}", for_pupils(page), name=f"me-{name}") for address, name, page in BOTH),
    path("policy/", policy.policy, name="policy"),
    path("registers/", policy.register_notice, name="register-notice"),
    path("c/<str:token>/", views.consent, name="consent"),
    path("c/<str:token>/decide/", views.decide, name="decide"),
]
