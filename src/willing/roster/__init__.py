"""Roster import: the school's register read, compared with the people here, written in one transaction."""
