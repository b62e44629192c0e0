"""Run the two networks fast: weights, folding, 8-bit layers, the quickest kernels, requests for many callers.

docs/develop/inference.md explains how they work together, and how to change one.
"""
