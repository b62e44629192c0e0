"""A list of products as CSV: which column holds what, and what a cell may hold. Pure."""

import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import get_language

from willing.allergens.rules import OWN
from willing.allergens.table import label, read_words
from willing.core.comparison import fold_name
from willing.core.errors import Refused
from willing.core.money import AmountNotValid, read_minor
from willing.core.spreadsheets import from_text
from willing.till.menu_errors import menu_cell_not_valid, menu_file_not_readable, price_not_valid
from willing.till.menu_rules import MENU_WEEKS_MAX, NAME_CHARS_MAX, TAX_CODE_CHARS_MAX

FILE_BYTES_MAX = 48_000  # a page takes 64 kB; some eight hundred products
ENCODINGS = ("utf-8-sig", "gb18030", "cp1252")
# Headings under which each column is found, in English and Chinese; case, blanks and accents do not count.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "product", "item", "名称", "品名", "商品", "菜名"),
    "name_zh_hans": ("chinese name", "name in chinese", "name_zh_hans", "中文名", "中文名称"),
    "category": ("category", "group", "类别", "分类"),
    "price": ("price", "unit price", "价格", "单价"),
    "price_pupil": ("pupil price", "price for pupils", "price_pupil", "学生价"),
    "price_staff": ("staff price", "price for staff", "price_staff", "教职工价", "员工价"),
    "price_visitor": ("visitor price", "price for visitors", "price_visitor", "访客价", "来宾价"),
    "barcodes": ("barcode", "barcodes", "ean", "upc", "gtin", "条码", "条形码"),
    "is_main_meal": ("main meal", "is_main_meal", "主餐"),
    "colour": ("colour", "color", "颜色"),
    "tax_code": ("tax code", "tax", "vat", "税码", "税率"),
    "weekdays": ("days", "weekdays", "星期"),
    "menu_weeks": ("menu weeks", "weeks", "菜单周次"),
    "first_day": ("first day", "from", "开始日期", "起始日期"),
    "last_day": ("last day", "until", "最后一天", "截止日期"),
    "contains": ("contains", "allergens", "含有", "过敏原"),
    "may_contain": ("may contain", "traces", "可能含有"),
}
ALLERGENS = ("contains", "may_contain")
# That nothing is in it; an empty cell says nothing. What is on no list follows the other word and a colon.
_NONE, _OTHER = ("none", "无"), ("other", "其他")
_CATEGORIES = {
    "meal": ("meal", "meals", "main", "mains", "餐", "套餐", "主餐"),
    "side": ("side", "sides", "配菜", "小食"),
    "drink": ("drink", "drinks", "饮料", "饮品"),
    "shop": ("shop", "商店", "小卖部"),
}
_COLOURS = {
    "sand": ("sand", "沙色"),
    "green": ("green", "绿色"),
    "blue": ("blue", "蓝色"),
    "rose": ("rose", "玫瑰色"),
    "violet": ("violet", "紫色"),
    "": ("", "none", "无"),
}
_DAYS = {
    "1": ("1", "mon", "monday", "一", "周一", "星期一"),
    "2": ("2", "tue", "tuesday", "二", "周二", "星期二"),
    "3": ("3", "wed", "wednesday", "三", "周三", "星期三"),
    "4": ("4", "thu", "thursday", "四", "周四", "星期四"),
    "5": ("5", "fri", "friday", "五", "周五", "星期五"),
    "6": ("6", "sat", "saturday", "六", "周六", "星期六"),
    "7": ("7", "sun", "sunday", "日", "天", "周日", "星期日"),
}
_WEEKS = {str(number): (str(number),) for number in range(1, MENU_WEEKS_MAX + 1)}
_YES_OR_NO = {
    True: ("yes", "y", "true", "1", "x", "是"),
    False: ("", "no", "n", "false", "0", "否"),
}
_ONE_OF: Mapping[str, Mapping[Any, Collection[str]]] = {
    "category": {**_CATEGORIES, "": ("",)},
    "colour": _COLOURS,
    "is_main_meal": _YES_OR_NO,
}
_SOME_OF: Mapping[str, Mapping[str, Collection[str]]] = {"weekdays": _DAYS, "menu_weeks": _WEEKS}
# The price for a class, by its name; case, blanks and accents do not count.
CLASS_HEADINGS = ("price for {name}", "{name} price", "price {name}", "{name}价", "{name}价格")
CLASS_FIELD = "price_class_"
_CHARS_MAX = {"name": NAME_CHARS_MAX, "name_zh_hans": NAME_CHARS_MAX, "tax_code": TAX_CODE_CHARS_MAX}


@dataclass(frozen=True)
class MenuTable:
    """A list as it was read. columns: field -> place. others: headings that nobody knows, by place."""

    columns: Mapping[str, int]
    others: Mapping[int, str]
    rows: tuple[tuple[int, tuple[str, ...]], ...]

    @property
    def ignored(self) -> tuple[str, ...]:
        """The headings that nobody knows."""
        return tuple(self.others.values())

    def with_classes(self, classes: Mapping[int, str]) -> "MenuTable":
        """Return the table with the columns of prices for classes, as CLASS_FIELD and the class's id."""
        known = {
            fold_name(heading.format(name=name)): f"{CLASS_FIELD}{class_id}"
            for class_id, name in classes.items()
            for heading in CLASS_HEADINGS
        }
        columns, others = dict(self.columns), dict(self.others)
        for place, heading in self.others.items():
            field = known.get(fold_name(heading))
            if field and field not in columns:
                columns[field] = place
                del others[place]
        return MenuTable(columns, others, self.rows)

    def cells(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield each row's line in the file, and its cells by field; a cell that is not there is empty."""
        for line, row in self.rows:
            yield (
                line,
                {
                    field: from_text(row[place].strip()) if place < len(row) else ""
                    for field, place in self.columns.items()
                },
            )


# What is no text at all, by how it begins: workbooks of today and of before 2007; documents and pictures.
OTHER_FILES = {
    "workbook": (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"),
    "document": (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8"),
}


def read_text(content: bytes, encoding: str = "") -> str:
    """Return a file's text. encoding: "" for UTF-8, or UTF-16 that says so. Raises menu_file_not_readable."""
    if len(content) > FILE_BYTES_MAX:
        raise menu_file_not_readable("too_large")
    for reason, beginnings in OTHER_FILES.items():
        if content.startswith(beginnings):
            raise menu_file_not_readable(reason)
    if not encoding and content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    try:
        text = content.decode(encoding or "utf-8-sig")
    except (UnicodeDecodeError, LookupError):
        raise menu_file_not_readable("encoding") from None
    if "\x00" in text:
        raise menu_file_not_readable("encoding")
    return text


def read_table(text: str) -> MenuTable:
    """Return the list of a text. Raises menu_file_not_readable where it has no column for names."""
    first = text.lstrip().splitlines()[:1] or [""]
    delimiter = max(",;\t", key=first[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[tuple[int, tuple[str, ...]]] = []
    try:
        rows.extend((reader.line_num, tuple(row)) for row in reader if any(cell.strip() for cell in row))
    except csv.Error:
        raise menu_file_not_readable("csv") from None
    columns, others = _columns(rows[0][1] if rows else ())
    if "name" not in columns:
        raise menu_file_not_readable("no_name")
    return MenuTable(columns, others, tuple(rows[1:]))


def _columns(headings: tuple[str, ...]) -> tuple[dict[str, int], dict[int, str]]:
    known = {fold_name(one): field for field, names in HEADINGS.items() for one in names}
    columns: dict[str, int] = {}
    others: dict[int, str] = {}
    for place, heading in enumerate(headings):
        field = known.get(fold_name(heading))
        if field and field not in columns:
            columns[field] = place
        elif heading.strip():
            others[place] = heading.strip()
    return columns, others


def read_cells(cells: Mapping[str, str], currency: str) -> dict[str, Any]:
    """Return the values of a row by field. Raises Refused menu_cell_not_valid, price_not_valid."""
    return {field: _value(field, text, currency) for field, text in cells.items()}


def _value(field: str, text: str, currency: str) -> Any:
    if field.startswith("price"):
        return _price(text, currency)
    if field in _ONE_OF:
        return _one_of(_ONE_OF[field], field, text)
    if field in _SOME_OF:
        return "".join(sorted({_one_of(_SOME_OF[field], field, part) for part in _parts(text)}))
    if field in ("first_day", "last_day"):
        return _day(field, text)
    if field in ALLERGENS:
        return _allergens(field, text)
    return tuple(_parts(text)) if field == "barcodes" else _plain(field, text)


def _parts(text: str) -> list[str]:
    return [part for part in re.split(r"[,;、/\s]+", text) if part]


def _allergens(field: str, text: str) -> tuple[str, ...] | None:
    """Return which allergens a cell names; None where it says nothing. An unknown word is refused."""
    parts = [part.strip() for part in re.split(r"[,;、，；]+", text) if part.strip()]
    if len(parts) == 1 and fold_name(parts[0]) in _NONE:
        return ()
    return tuple(_allergen(field, part) for part in parts) or None


def _allergen(field: str, text: str) -> str:
    before, colon, words = text.replace("：", ":").partition(":")
    if colon and fold_name(before) not in _OTHER:
        raise menu_cell_not_valid(field, text)
    try:
        found = read_words(words if colon else text)
    except Refused:
        raise menu_cell_not_valid(field, text) from None
    if found.startswith(OWN) and not colon:
        raise menu_cell_not_valid(field, text)
    return found


def _write_allergens(value: tuple[str, ...] | None) -> str:
    if value is None:
        return ""
    written = [f"{write_word(_OTHER)}: {label(one)}" if one.startswith(OWN) else label(one) for one in value]
    return ", ".join(written) or write_word(_NONE)


def _plain(field: str, text: str) -> str:
    if len(text) > _CHARS_MAX[field]:
        raise menu_cell_not_valid(field, text)
    return text


def _price(text: str, currency: str) -> int | None:
    if not text:
        return None
    try:
        return read_minor(text, currency)
    except AmountNotValid:
        raise price_not_valid() from None


def _day(field: str, text: str) -> date | None:
    """Return an ISO day: of any other form it is not certain which number is the month."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise menu_cell_not_valid(field, text) from None


def write_word(names: Collection[str]) -> str:
    """Return the word of the reader's language among those that are understood: the first in it."""
    chinese = (get_language() or "").startswith("zh")
    return next((one for one in names if chinese and not one.isascii()), next(iter(names)))


def write_cell(field: str, value: Any) -> str:
    """Return a value as `read_cells` reads it again. value: of a field that is no price."""
    if field in _ONE_OF:
        return write_word(_ONE_OF[field][value])
    if field in _SOME_OF:
        return ", ".join(write_word(_SOME_OF[field][one]) for one in value)
    if field in ALLERGENS:
        return _write_allergens(value)
    return ", ".join(value) if field == "barcodes" else str(value or "")


def _one_of(known: Mapping[Any, Collection[str]], field: str, text: str) -> Any:
    folded = fold_name(text)
    for value, names in known.items():
        if folded in {fold_name(name) for name in names}:
            return value
    raise menu_cell_not_valid(field, text)
