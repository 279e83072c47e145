"""Where papers come in: /sources, /add, /import, Papers here."""
