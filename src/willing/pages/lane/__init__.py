"""The page of a gate's lane: card or code, PIN, staff, face. No rules, no tables."""
