"""What people make of papers: /list and /top, with notes on papers."""
