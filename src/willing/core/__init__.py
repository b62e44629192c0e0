"""What every room may use: money, ids, clock, refusals. Imports no room."""
