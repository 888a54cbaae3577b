"""The reports page: what is said for a report, how it will look, and those that were issued."""
