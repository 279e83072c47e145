"""What groups make of papers: votes of members, and lists to read."""
