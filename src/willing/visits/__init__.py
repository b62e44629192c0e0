"""Visitors and contractors, and who of the staff is in today. No face, no photograph."""
