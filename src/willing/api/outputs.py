"""What the HTTP API says about a till, a basket, a sale, a session: rows in, schemas out."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from willing.api import schemas as s
from willing.api import till_schemas as t
from willing.biometrics.models import FaceSession
from willing.biometrics.queries import has_face
from willing.core.clock import now
from willing.credentials.queries import ways_here
from willing.people.calendar_rules import SellingHours
from willing.people.models import Person, School
from willing.people.queries import alike
from willing.people.school_days import selling_hours_now
from willing.terminals.models import Terminal, Way
from willing.till.barcodes import show_barcode
from willing.till.basket_states import UNPAID
from willing.till.baskets import read_lines
from willing.till.face_identification import face_offer
from willing.till.meals import meals_with
from willing.till.menu import is_sold_out
from willing.till.menu_models import Product, SpecialPrice
from willing.till.models import Basket, BasketLine, Sale
from willing.till.queries import find_sale_of_basket, refunds_of
from willing.till.refund_models import Refund
from willing.till.rules import MealNotice, expires_in_seconds
from willing.till.sale_pages import DayOfTill


def terminal_out(till: Terminal) -> t.TerminalOut:
    """Describe a till."""
    return t.TerminalOut(
        id=till.id,
        name=till.name,
        purpose=till.purpose,
        ways=[way for way in ways_here(till) if way != Way.STAFF or till.may_look_up],
        scopes=list(till.scopes),
        currency=till.school.currency,
    )


def hours_out(school: School) -> t.HoursOut:
    """Describe what the calendar says of now."""
    notice, day, today = selling_hours_now(school)
    return t.HoursOut(
        notice=notice.value,
        name="" if notice is SellingHours.NOTHING else day.name,
        time_zone=school.time_zone,
        today=[
            t.SellingTimeOut(opens=f"{one.opens:%H:%M}", closes=f"{one.closes:%H:%M}")
            for one in (today if day.is_school_day else ())
        ],
    )


def product_out(product: Product, school: School) -> t.ProductOut:
    """Describe a product in the caller's language."""
    names = {"en": product.name, "zh-hans": product.name_zh_hans}
    return t.ProductOut(
        id=product.id,
        name=product.label,
        names={language: name for language, name in names.items() if name},
        price_minor=product.price_minor,
        prices=[price_out(one) for one in product.special_prices.all()],
        is_main_meal=product.is_main_meal,
        category=product.category,
        barcodes=[show_barcode(one.code) for one in product.barcodes.all()],
        colour=product.colour,
        tax_code=product.tax_code,
        is_pinned=product.is_pinned,
        is_sold_out=is_sold_out(school, product),
    )


def price_out(price: SpecialPrice) -> t.PriceOut:
    """Describe a price that holds for some."""
    year = price.year_group.name if price.year_group else ""
    return t.PriceOut(kind=price.kind, year=year, price_minor=price.price_minor)


def line_out(line: BasketLine) -> s.LineOut:
    """Describe a line of a basket, named in the caller's language."""
    return s.LineOut(**_line(line))


def sold_line_out(line: BasketLine) -> s.SoldLineOut:
    """Describe a line of a sale likewise."""
    return s.SoldLineOut(**_line(line), refunded=line.refunded)


def _line(line: BasketLine) -> dict[str, Any]:
    return {
        "product": line.product_id,
        "name": line.label,
        "quantity": line.quantity,
        "price_minor": line.price_minor,
        "price_before_minor": line.price_before_minor,
        "tax_code": line.tax_code,
        "total_minor": line.total_minor,
    }


def basket_out(basket: Basket) -> s.BasketOut:
    """Describe a basket, with the first name of the person shown."""
    lines = [line_out(line) for line in read_lines(basket)]
    person = basket.person
    year = str(person.year_group) if person and person.year_group else ""
    sale = find_sale_of_basket(basket)
    is_shown = basket.state == Basket.State.IDENTIFIED
    meals, meal_notice, _sitting = meals_with(basket) if is_shown else (0, MealNotice.NONE, None)
    return s.BasketOut(
        id=basket.id,
        state=basket.state,
        total_minor=sum(line.total_minor for line in lines),
        currency=basket.terminal.school.currency,
        way=basket.way,
        claim=basket.claim,
        face=face_offer(basket, basket.looks_read).value,
        person=s.PersonOut(first_name=person.given_name, year=year) if person else None,
        may_stop_face=basket.state == Basket.State.IDENTIFIED and person is not None and has_face(person),
        main_meals=meals,
        meal_notice=meal_notice.value,
        expires_in_seconds=_expires_in_seconds(basket),
        expired=basket.expired.value,
        lines=lines,
        sale=sale_out(sale) if sale else None,
    )


def _expires_in_seconds(basket: Basket) -> int | None:
    if basket.state not in UNPAID:
        return None
    return expires_in_seconds(basket.touched_at, now(), is_shown=basket.state == Basket.State.IDENTIFIED)


def people_out(people: Sequence[Person]) -> list[s.FoundPersonOut]:
    """Describe whom a look-up found: name and class, and the till number only where two are alike."""
    same = alike(people)
    return [
        s.FoundPersonOut(
            id=one.id,
            name=one.full_name,
            year=one.year_group.name if one.year_group else "",
            till_number=one.till_number if one.id in same else None,
        )
        for one in people
    ]


def sale_out(sale: Sale) -> s.SaleOut:
    """Describe a sale, without whose it is."""
    return s.SaleOut(**_sale(sale))


def _sale(sale: Sale) -> dict[str, Any]:
    refunds = [refund_out(one) for one in refunds_of(sale)] if sale.refunded else []
    is_refunded = sale.refunded == Sale.Refunded.WHOLE
    return {
        "id": sale.id,
        "basket": sale.basket_id,
        "way": sale.way,
        "total_minor": sale.total_minor,
        "receipt_number": sale.receipt_number,
        "settled_at": sale.settled_at,
        "is_refunded": is_refunded,
        "refunded_minor": sale.refunded_minor,
        "refund": refunds[-1] if is_refunded else None,
        "refunds": refunds,
    }


def sale_with_lines_out(sale: Sale, currency: str) -> s.SaleWithLinesOut:
    """Describe a sale with what was bought, without whose it is."""
    return s.SaleWithLinesOut(
        **_sale(sale), currency=currency, lines=[sold_line_out(line) for line in sale.basket.lines.all()]
    )


def day_out(day: DayOfTill, school: School) -> s.DayOut:
    """Describe a till's day."""
    return s.DayOut(**asdict(day), time_zone=school.time_zone, currency=school.currency)


def session_out(session: FaceSession) -> s.SessionOut:
    """Describe a face session."""
    return s.SessionOut(id=session.id, state=session.state, mode=session.mode, expires_at=session.expires_at)


def refund_out(refund: Refund) -> s.RefundOut:
    """Describe a refund."""
    lines = [
        s.RefundedLineOut(
            product=one.line.product_id,
            name=one.line.label,
            quantity=one.quantity,
            amount_minor=one.total_minor,
        )
        for one in refund.lines.all()
    ]
    return s.RefundOut(
        id=refund.id,
        sale=refund.sale_id,
        amount_minor=refund.total_minor,
        at=refund.at,
        is_void=refund.sale.is_voided,
        lines=lines,
    )
