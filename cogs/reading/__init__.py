"""What people make of papers: /list, lists to read with notes."""
