"""Terminals: pairing, where a camera may be, and which credentials each takes."""
