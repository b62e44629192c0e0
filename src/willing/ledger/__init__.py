"""Accounts, transfers and holds. Knows no face and no menu."""
