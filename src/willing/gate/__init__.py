"""The gate: lanes at a school's doors, and who went through them, kept for a week and then only counted."""
