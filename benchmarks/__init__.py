"""Measure the face engine, beside its peers and beside its targets: `python -m benchmarks`."""
