"""Products, baskets, ways of paying, sales, refunds, receipts, terminals."""
