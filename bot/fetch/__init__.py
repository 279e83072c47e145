"""The polite HTTP client: listed hosts only, bounded in size and time, at each host's rate limit."""
