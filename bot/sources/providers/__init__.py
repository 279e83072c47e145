"""One file for each provider: its address and rate limit, and the kinds of sources that it offers."""
