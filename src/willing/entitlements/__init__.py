"""What a school pays for a person's food: free and reduced meals, and sums a day."""
