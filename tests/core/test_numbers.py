"""What came last is told by a number; where rows stand in the order of their times, it is said why."""

import ast
import re
from pathlib import Path

from tests.support.syntax import nodes

SOURCE = Path(__file__).resolve().parents[2] / "src" / "willing"
TIME = re.compile(r"-?(\w+__)?(\w+_)?at$")
SHOWN, BATCH = "a list that people read", "which rows go first into a batch; all go"
MAY_ORDER_BY_TIME = {
    ("gate/card_numbers.py", "cards_at_doors"): "a list for people, who take each card by itself",
    ("gate/passages.py", "record_passage"): "which of two passages within two seconds: both are one",
    ("gate/passages.py", "_direction"): "the order of a day's passages is what tells the direction",
    ("gate/passages.py", "_days_of"): "the order of a day's passages is what tells the direction",
    ("gate/reports.py", "drifts_today"): "a wrong clock is what it shows",
    (
        "attendance/queries.py",
        "disputes",
    ): "a list for people: each entry is answered by itself, in whatever order",
    ("attendance/note_queries.py", "open_notes"): SHOWN,
    ("privacy/sections/attendance.py", "_made_last"): SHOWN,
    ("attendance/note_queries.py", "notes_of"): SHOWN,
    ("attendance/return_queries.py", "_first_day"): "the earliest time itself is what is asked for",
    ("attendance/family_notes.py", "purge_notes"): BATCH,
    ("attendance/returns.py", "purge_returns"): BATCH,
    ("pages/console/register_notes.py", "notes"): SHOWN,
    ("attendance/retention.py", "purge_marks"): "which of those that are old enough go first changes nothing",
    ("attendance/retention.py", "purge_messages"): BATCH,
    ("attendance/messages.py", "advance_runs"): "each run is counted by itself, whichever comes first",
    ("attendance/message_queries.py", "runs_on"): SHOWN,
    ("attendance/message_queries.py", "own_attempts"): SHOWN,
    ("credentials/print_queries.py", "open_runs"): "a list for people, who answer each run by itself",
    (
        "audit/search.py",
        "_first_from",
    ): "the earliest time itself is what is asked for",
    (
        "audit/search.py",
        "_last_before",
    ): "the latest time itself is what is asked for",
    ("audit/clock_state.py", "newest_time"): "the latest time itself is what is asked for",
    ("biometrics/template_ageing.py", "due_for_reenrolment"): SHOWN,
    ("biometrics/lookalikes.py", "lookalike_pairs"): SHOWN,
    ("biometrics/queries.py", "uses_of_face"): SHOWN,
    (
        "consent/queries.py",
        "voices",
    ): "when a guardian was first told, for the page; that they were told decides",
    ("pages/console/complaints.py", "complaints"): SHOWN,
    ("ledger/queries.py", "_verify"): "sums do not depend on it",
    ("consent_forms/actions.py", "purge_forms"): BATCH,
    ("consent_forms/queries.py", "forms_of"): SHOWN,
    ("accounts/retention.py", "anonymise_persons"): BATCH,
    ("complaints/actions.py", "purge_complaints"): BATCH,
    ("complaints/models.py", "Meta"): SHOWN,
    ("dpia/models.py", "Meta"): SHOWN,
    ("till/basket_states.py", "expire_left_baskets"): BATCH,
    ("jobs/actions.py", "_take"): "whatever is due is done; which first does not matter",
    ("mail/outbox.py", "purge_mails"): BATCH,
    ("mail/queries.py", "mails_of"): SHOWN,
    ("till/parking.py", "_left_aside"): SHOWN,
    ("credentials/leavers.py", "purge_leavers"): BATCH,
    ("till/reports.py", "day_ahead"): "the latest time itself is what is asked for",
    ("till/reports.py", "sales_of_day"): SHOWN,
    ("till/queries.py", "sales_of_person"): SHOWN,
    ("payments/queries.py", "pay_outs_of"): SHOWN,
    ("payments/queries.py", "open_pay_outs"): SHOWN,
    ("payments/queries.py", "closed_pay_outs"): SHOWN,
    ("till/sale_pages.py", "page_of_sales"): SHOWN,
    ("accounts/queries.py", "former_staff"): SHOWN,
    ("accounts/retention.py", "anonymise_staff"): BATCH,
    ("mail/codes.py", "purge_codes"): BATCH,
    ("drawers/models.py", "Meta"): SHOWN,
    ("drawers/queries.py", "open_sessions"): SHOWN,
    ("drawers/queries.py", "closed_sessions"): SHOWN,
    ("allergens/models.py", "Meta"): SHOWN,
    ("allergens/queries.py", "events_between"): SHOWN,
    ("allergens/queries.py", "events_of"): SHOWN,
    ("pages/console/allergens.py", "_versions"): SHOWN,
    ("till/dishes.py", "_last_before"): "what was declared last before a day began is what is asked for",
    ("meals/models.py", "Meta"): SHOWN,
    ("meals/owed.py", "arrears"): SHOWN,
    ("meals/owed.py", "carried_meals"): SHOWN,
    ("meals/duplicates.py", "_pairs"): "what lies close together in time is what is asked for",
    ("till/limits.py", "_sums_of_week"): "how long ago the same sum was sold is what is asked for",
    ("complaints/actions.py", "_refund"): "of several refunds the last one, for words alone",
    ("rollcall/queries.py", "roll_calls_of"): SHOWN,
    ("rollcall/queries.py", "devices_of"): SHOWN,
    (
        "rollcall/queries.py",
        "last_close",
    ): "any other time than the one before is news",
    ("rollcall/last_seen.py", "_traces"): "when a person was seen is what is asked for",
    ("rollcall/retention.py", "purge_last_seen"): BATCH,
    ("rollcall/retention.py", "purge_lists"): BATCH,
    ("rollcall/retention.py", "purge_devices"): BATCH,
    (
        "rollcall/ticking.py",
        "tick_here",
    ): "phones without a server share no number",
    ("wallets/queries.py", "paid_in_of"): SHOWN,
    ("wallets/queries.py", "reversals_of_day"): SHOWN,
    ("wallets/statement.py", "_with_accounts"): SHOWN,
    ("wallets/statement.py", "movements_of"): SHOWN,
    ("wallets/statement.py", "months_of"): SHOWN,
    ("books/counting.py", "_days_due"): "the first and the last time themselves are what is asked for",
    ("books/totals.py", "_first_day"): "the first time itself is what is asked for",
    ("books/tallies.py", "_refunded"): "which refund of a line came first moves a penny of its tax at most",
}


def is_time(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and TIME.fullmatch(node.value)


def orders_by_time(node):
    """Say whether a call or an assignment puts rows in the order of a time."""
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == "ordering":
        return isinstance(node.value, ast.List) and any(map(is_time, node.value.elts))
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name in ("order_by", "latest", "earliest", "Max", "Min") and any(map(is_time, node.args))


def found_in(path):
    """Yield the innermost function or class around each such call or assignment."""
    if not any(map(orders_by_time, nodes(path))):
        return
    for scope in nodes(path):
        if isinstance(scope, ast.FunctionDef | ast.ClassDef):
            own = [one for one in ast.walk(scope) if one is not scope]
            inner = [one for one in own if isinstance(one, ast.FunctionDef | ast.ClassDef)]
            nested = {id(deep) for one in inner for deep in ast.walk(one)}
            if any(orders_by_time(one) for one in own if id(one) not in nested):
                yield scope.name


def test_nothing_is_put_in_the_order_of_its_times_without_a_reason():
    found = {
        (path.relative_to(SOURCE).as_posix(), name)
        for path in SOURCE.rglob("*.py")
        if "migrations" not in path.parts and path.parent.relative_to(SOURCE).as_posix() != "privacy/sections"
        for name in found_in(path)
    }
    assert found
    new = found - MAY_ORDER_BY_TIME.keys()
    assert not new, f"{new}: a clock can be set back; order by a number (core.numbers) or say why not"
