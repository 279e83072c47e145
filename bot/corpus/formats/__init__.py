"""Pure readers of what sources answer: bytes in, records out, no network."""
