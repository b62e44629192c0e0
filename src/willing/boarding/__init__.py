"""Boarding houses, and the evening list of who is in, taken by people. It is no register."""
