"""Cashiers over the API: who may sign on at this till, who is on, on by PIN and off."""

from typing import Any
from uuid import UUID

from ninja import Router

from willing.api import till_schemas as s
from willing.api.access import Key, TerminalToken, TillRequest, write_of
from willing.credentials.queries import cashiers
from willing.credentials.staff_pins import sign_on_by_pin
from willing.terminals.models import Terminal
from willing.terminals.request_keys import do_in_steps
from willing.terminals.sign_ons import cashier_of, sign_off

router = Router(auth=TerminalToken())


def _at(till: Terminal) -> s.CashierAtTillOut:
    found = cashier_of(till)
    return s.CashierAtTillOut(
        cashier=s.CashierOut(id=found.pk, name=found.get_full_name()) if found else None,
        is_required=till.school.requires_cashier,
    )


@router.get("/cashiers", response=list[s.CashierOut], tags=["cashiers"], operation_id="cashiers")
def list_cashiers(request: TillRequest) -> Any:
    """List who may sign on at a till: those with a role for it and a PIN."""
    return [s.CashierOut(id=one.pk, name=one.get_full_name()) for one in cashiers(request.school)]


@router.get("/cashier", response=s.CashierAtTillOut, tags=["cashiers"], operation_id="cashier")
def cashier(request: TillRequest) -> Any:
    """Return which cashier is signed on at this till."""
    return _at(request.auth)


@router.post("/cashier/sign-on", response=s.CashierAtTillOut, tags=["cashiers"], operation_id="sign_on")
def sign_on(request: TillRequest, body: s.SignOnIn, key: Key) -> Any:
    """Sign a cashier on with their PIN; who was on before is no longer."""
    till = request.auth

    def by_pin(_row: UUID) -> UUID:
        sign_on_by_pin(till, body.cashier, body.pin)
        return till.id

    do_in_steps(write_of(till, key, "sign_on", body=body), by_pin)
    return _at(till)


@router.post("/cashier/sign-off", response=s.CashierAtTillOut, tags=["cashiers"], operation_id="sign_off")
def off(request: TillRequest, key: Key) -> Any:
    """Sign the cashier off: from now on nobody is on."""
    till = request.auth

    def clear(_row: UUID) -> UUID:
        sign_off(till)
        return till.id

    do_in_steps(write_of(till, key, "sign_off"), clear)
    return _at(till)
