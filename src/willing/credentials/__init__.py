"""Cards, PINs, failed attempts, who somebody is, and leavers."""
