"""The tamper-evident log and its verifier."""
