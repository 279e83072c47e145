"""What the command line prints: JSON documents for scripts, text for people."""
