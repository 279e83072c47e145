"""Papers and questions as vectors, and what they are near to; an optional extra."""
