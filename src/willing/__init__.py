"""Willing: school payments where a face is one way among equals."""

__version__ = "0.1.0"
