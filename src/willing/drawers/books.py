"""Whether drawers, their days and the receipts of pay-ins agree with the money that moved.

The database holds to all of it (migration 0002); a copy, or rows written past it, may be of anyone's making.
Nothing here reads transfers but those of drawers, cheques and pay-ins.
"""

from willing.ledger.findings import LedgerFinding, find_wrong

# What a transfer brought a drawer, or below zero took.
_BROUGHT = "CASE WHEN t.debit_id = d.account_id THEN t.amount_minor ELSE -t.amount_minor END"
_DAYS = "FROM drawers_drawersession s JOIN drawers_drawer d ON d.id = s.drawer_id"
_ENTRIES = (
    "FROM drawers_drawerentry e JOIN ledger_transfer t ON t.id = e.transfer_id WHERE e.session_id = s.id"
)
_OF_DRAWERS = """
SELECT t.id FROM drawers_drawer d JOIN ledger_transfer t ON t.{side} = d.account_id
LEFT JOIN drawers_drawerentry e ON e.transfer_id = t.id WHERE e.id IS NULL
"""
_NUMBERED = "COALESCE((SELECT MAX(p.number) FROM drawers_payin p WHERE p.school_id = s.id), 0)"
_SKIPPED = (
    "COALESCE((SELECT MAX(k.last) FROM drawers_skippednumbers k"
    " WHERE k.school_id = s.id AND k.drawer_id IS NULL), 0)"
)
_WRONG = {
    "drawer_below_zero": """
SELECT d.id FROM drawers_drawer d JOIN ledger_account a ON a.id = d.account_id
WHERE a.debits_posted < a.credits_posted
""",
    "day_opens_with_another_sum": """
SELECT s.id FROM drawers_drawersession s WHERE s.opening_minor <> COALESCE((
  SELECT p.kept_minor FROM drawers_drawersession p
  WHERE p.drawer_id = s.drawer_id AND p.z_number IS NOT NULL
    AND (s.z_number IS NULL OR p.z_number < s.z_number)
  ORDER BY p.z_number DESC LIMIT 1), 0)
""",
    "z_missing_before": """
SELECT s.id FROM drawers_drawersession s WHERE s.z_number > 1 AND NOT EXISTS (
  SELECT 1 FROM drawers_drawersession p WHERE p.drawer_id = s.drawer_id AND p.z_number = s.z_number - 1)
  AND NOT EXISTS (SELECT 1 FROM drawers_skippednumbers k
    WHERE k.drawer_id = s.drawer_id AND k.last = s.z_number - 1)
""",
    "day_is_not_its_entries": f"""
SELECT s.id {_DAYS} JOIN ledger_account a ON a.id = d.account_id
WHERE s.opening_minor + COALESCE((SELECT SUM({_BROUGHT}) {_ENTRIES}), 0)
  <> COALESCE(s.kept_minor, a.debits_posted - a.credits_posted)
""",
    "day_is_not_its_difference": f"""
SELECT s.id {_DAYS} WHERE s.closed_at IS NOT NULL AND s.counted_minor - s.expected_minor <> COALESCE((
  SELECT SUM({_BROUGHT}) {_ENTRIES} AND t.reason = 'difference' AND t.reference = s.id), 0)
""",
    "entered_in_another_drawer": f"""
SELECT t.id {_DAYS} JOIN drawers_drawerentry e ON e.session_id = s.id
JOIN ledger_transfer t ON t.id = e.transfer_id WHERE d.account_id NOT IN (t.debit_id, t.credit_id)
""",
    "moved_on_no_day": _OF_DRAWERS.format(side="debit_id") + " UNION " + _OF_DRAWERS.format(side="credit_id"),
    "pay_in_missing_before": """
SELECT p.transfer_id FROM drawers_payin p WHERE p.number > 1 AND NOT EXISTS (
  SELECT 1 FROM drawers_payin b WHERE b.school_id = p.school_id AND b.number = p.number - 1)
  AND NOT EXISTS (SELECT 1 FROM drawers_skippednumbers k
    WHERE k.school_id = p.school_id AND k.drawer_id IS NULL AND k.last = p.number - 1)
""",
    "pay_ins_not_counted": f"""
SELECT s.id FROM people_school s LEFT JOIN drawers_payincounter c ON c.school_id = s.id
WHERE COALESCE(c.last, 0) <> CASE WHEN {_NUMBERED} > {_SKIPPED} THEN {_NUMBERED} ELSE {_SKIPPED} END
""",  # noqa: S608  # made of the constants above
    "pay_in_is_not_its_money": f"""
SELECT p.transfer_id {_DAYS} JOIN drawers_payin p ON p.session_id = s.id
JOIN ledger_transfer t ON t.id = p.transfer_id
JOIN ledger_account f ON f.id = t.debit_id JOIN ledger_account w ON w.id = t.credit_id
WHERE t.reason <> 'topup' OR w.kind <> 'wallet' OR w.school_id <> p.school_id
  OR (p.method = 'cash' AND f.id <> d.account_id) OR (p.method = 'cheque' AND f.kind <> 'cheques')
""",
    "pay_in_without_receipt": """
SELECT t.id FROM ledger_account f JOIN ledger_transfer t ON t.debit_id = f.id
LEFT JOIN drawers_payin p ON p.transfer_id = t.id
WHERE f.kind IN ('drawer', 'cheques') AND t.reason = 'topup' AND p.transfer_id IS NULL
""",
}


def verify_drawers() -> list[LedgerFinding]:
    """Return what is wrong about drawers, their days and receipts. Inside a `snapshot` of the caller's."""
    return find_wrong(_WRONG)
