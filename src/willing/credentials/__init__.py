"""Cards, PINs, failed attempts, identification, and leavers."""
