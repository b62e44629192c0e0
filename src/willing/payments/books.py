"""Whether the bank's bookings and what was paid out agree with the money that moved for them."""

from willing.ledger.findings import LedgerFinding, find_wrong

_WRONG = {
    "booked_without_its_money": """
SELECT l.id FROM payments_statementline l LEFT JOIN ledger_transfer t ON t.id = l.transfer_id
LEFT JOIN ledger_account w ON w.id = CASE WHEN l.takes_back THEN t.debit_id ELSE t.credit_id END
LEFT JOIN ledger_account b ON b.id = CASE WHEN l.takes_back THEN t.credit_id ELSE t.debit_id END
WHERE l.state = 'booked' AND (t.id IS NULL OR t.amount_minor <> l.amount_minor OR b.kind <> 'bank'
  OR w.person_id IS NULL OR w.person_id <> l.person_id
  OR t.reason NOT IN ('reversal', CASE WHEN l.takes_back THEN 'reversal' ELSE 'topup' END))
""",
    "pay_out_is_not_its_money": """
SELECT p.id FROM payments_payout p LEFT JOIN ledger_transfer t ON t.id = p.transfer_id
LEFT JOIN ledger_account w ON w.id = t.debit_id LEFT JOIN ledger_account o ON o.id = t.credit_id
WHERE p.state NOT IN ('asked', 'refused') AND (t.id IS NULL OR t.reason <> 'pay_out'
  OR t.amount_minor <> p.amount_minor OR t.reference <> p.id OR w.person_id IS NULL
  OR w.person_id <> p.person_id OR o.kind <> CASE WHEN p.way = 'cash' THEN 'safe' ELSE 'bank' END)
""",
    # It comes back as a whole and once, or not at all.
    "pay_out_returned_otherwise": """
SELECT p.id FROM payments_payout p WHERE p.transfer_id IS NOT NULL
  AND CASE WHEN p.state = 'returned' THEN p.amount_minor ELSE 0 END <> COALESCE((
    SELECT SUM(r.amount_minor) FROM ledger_transfer r WHERE r.corrects_id = p.transfer_id), 0)
""",
    "paid_out_for_no_pay_out": """
SELECT t.id FROM ledger_transfer t LEFT JOIN payments_payout p ON p.transfer_id = t.id
WHERE t.reason = 'pay_out' AND p.id IS NULL
""",
}


def verify_payments() -> list[LedgerFinding]:
    """Return what is wrong about bookings and pay-outs. Inside a `snapshot` of the caller's."""
    return find_wrong(_WRONG)
