"""Meals as a kitchen and an office count them: forecast, England's census, what is owed, duplicates."""
