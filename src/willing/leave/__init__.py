"""Planned absence: leave, illness and trips, known before a register is taken; who was signed out for it."""
