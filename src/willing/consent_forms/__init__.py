"""Signed consent forms: scanned at the office, sealed, and shown to nobody without a line in the log.

They may carry a photograph or a signature, so no face engine and no till ever sees them: this room imports no
engine, and neither the till's pages nor the API import this room.
"""
