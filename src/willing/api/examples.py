"""One example for each schema of the OpenAPI document. A test holds each against its schema."""

from typing import Any

_TILL = "5d0f3c1e-6a58-4f5e-9a59-4a0f9c1b7a10"
_PASTA = "0b6b0f0a-7c51-4f0e-8f0e-2f6f3f9d1c22"
_BASKET = "a1f5a6f0-9f3b-5a44-8f4d-6c7f2f1f0b33"
_SALE = "c2d4e6f8-1a3b-5c5d-9e7f-8a9b0c1d2e44"
_REFUND = "e3f5a7b9-2b4c-5d6e-8f0a-9b0c1d2e3f55"
_SESSION = "f4a6b8c0-3c5d-5e7f-9a1b-0c1d2e3f4a66"
_PERSON = "a9b8c7d6-4e5f-5a6b-8c7d-1e2f3a4b5c77"
_CURSOR = "AAZWBr-NIAChtY2kQHxfRIo_Aw0cKz1O"

_PRICE = {"kind": "staff", "year": "", "price_minor": 320}
_LINE = {
    "product": _PASTA,
    "name": "Pasta",
    "quantity": 1,
    "price_minor": 250,
    "price_before_minor": None,
    "tax_code": "20%",
    "total_minor": 250,
}
_REFUNDED_LINE = {"product": _PASTA, "name": "Pasta", "quantity": 1, "amount_minor": 250}
_REFUNDED = {
    "id": _REFUND,
    "sale": _SALE,
    "amount_minor": 250,
    "at": "2026-03-02T12:20:00Z",
    "is_void": False,
    "lines": [_REFUNDED_LINE],
}
_PAID: dict[str, Any] = {
    "id": _SALE,
    "basket": _BASKET,
    "way": "card",
    "total_minor": 250,
    "receipt_number": 1042,
    "settled_at": "2026-03-02T12:15:00Z",
    "is_refunded": False,
    "refunded_minor": 0,
    "refund": None,
    "refunds": [],
}
_TERMINAL = {
    "id": _TILL,
    "name": "Till 1",
    "purpose": "canteen",
    "ways": ["card", "pin", "staff"],
    "scopes": ["sell"],
    "currency": "GBP",
}
_SHOWN: dict[str, Any] = {
    "id": _BASKET,
    "state": "identified",
    "total_minor": 250,
    "currency": "GBP",
    "way": "card",
    "claim": "",
    "face": "",
    "person": {"first_name": "Carl", "year": "7A"},
    "may_stop_face": False,
    "main_meals": 1,
    "meal_notice": "",
    "expires_in_seconds": 31,
    "expired": "",
    "lines": [_LINE],
    "sale": None,
}
_CASHIER = {"id": 7, "name": "Kim Lee"}

EXAMPLES: dict[str, dict[str, Any]] = {
    "PairIn": {"code": "7K3M-9QXZ"},
    "PairOut": {"token": "3f" * 32, "terminal": _TERMINAL},
    "TerminalOut": _TERMINAL,
    "ProductOut": {
        "id": _PASTA,
        "name": "Pasta",
        "names": {"en": "Pasta", "zh-hans": "意面"},
        "price_minor": 250,
        "prices": [_PRICE],
        "is_main_meal": True,
        "category": "meal",
        "barcodes": ["4006381333931"],
        "colour": "sand",
        "tax_code": "20%",
        "is_pinned": False,
        "is_sold_out": False,
    },
    "PriceOut": _PRICE,
    "LineIn": {"product": _PASTA, "quantity": 1},
    "BasketIn": {"lines": [{"product": _PASTA, "quantity": 1}]},
    "LineOut": _LINE,
    "PersonOut": {"first_name": "Carl", "year": "7A"},
    "BasketOut": _SHOWN,
    "StoppedFaceOut": {"log_entry": 5127, "basket": _SHOWN},
    "QuantityIn": {"quantity": 0},
    "ParkedOut": {
        "id": _BASKET,
        "parked_at": "2026-03-02T12:05:00Z",
        "items": 2,
        "total_minor": 500,
        "is_over": False,
    },
    "LookUpIn": {"text": "Carl"},
    "FoundPersonOut": {"id": _PERSON, "name": "Carl Weber", "year": "7A", "till_number": None},
    "StaffIn": {"way": "staff", "person": _PERSON},
    "ConfirmIn": {"total_minor": 250, "main_meals_checked": 0, "repeat_checked": False},
    "SellingTimeOut": {"opens": "11:30", "closes": "12:15"},
    "HoursOut": {
        "notice": "outside",
        "name": "",
        "time_zone": "Europe/London",
        "today": [{"opens": "11:30", "closes": "12:15"}],
    },
    "CashierOut": _CASHIER,
    "CashierAtTillOut": {"cashier": _CASHIER, "is_required": False},
    "SignOnIn": {"cashier": 7, "pin": "4826"},
    "SoldOutIn": {"is_sold_out": True},
    "CardIn": {"way": "card", "code": "ETZV-7BHV-KX5H"},
    "PinIn": {"way": "pin", "number": 1001, "pin": "2580"},
    "SaleOut": _PAID,
    "SaleWithLinesOut": {**_PAID, "currency": "GBP", "lines": [{**_LINE, "refunded": 0}]},
    "SoldLineOut": {**_LINE, "refunded": 0},
    "SalesOut": {"items": [_PAID], "next_cursor": _CURSOR},
    "SessionOut": {
        "id": _SESSION,
        "state": "open",
        "mode": "verify",
        "expires_at": "2026-03-02T12:15:08Z",
    },
    "FrameOut": {"state": "looking", "hint": "closer"},
    "RefundIn": {
        "reason": "The soup was cold",
        "lines": [{"product": _PASTA, "quantity": 1}],
    },
    "RefundedLineOut": _REFUNDED_LINE,
    "RefundOut": _REFUNDED,
    "WayOfDayOut": {"way": "card", "sales": 87, "total_minor": 21750},
    "DayOut": {
        "day": "2026-03-02",
        "time_zone": "Europe/London",
        "currency": "GBP",
        "sales": 87,
        "total_minor": 21750,
        "first_receipt": 1042,
        "last_receipt": 1161,
        "refunds": 1,
        "refunded_minor": 250,
        "ways": [{"way": "card", "sales": 87, "total_minor": 21750}],
    },
}
