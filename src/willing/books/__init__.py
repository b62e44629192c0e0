"""The school's books: what was sold, the tax in it, and the month for the accountant."""
