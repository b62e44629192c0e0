"""The pages: they hold no rules and own no tables."""
