"""Drawers: the cash of office and tills, their days from float to Z, receipts of pay-ins."""
