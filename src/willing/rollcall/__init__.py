"""The roll call: who is expected at which assembly point, who is there, and what was learnt of it."""
