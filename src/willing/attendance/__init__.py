"""Registers: who is here, marked by people. No camera, gate or till writes a mark."""
