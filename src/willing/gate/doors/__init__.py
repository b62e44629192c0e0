"""Locks and readers of other makers behind one interface. Pure: no Django, no database.

Each driver imports its maker's package when it is used, so that a school without such a door installs none.
"""
