"""Searching papers and looking at one: /papers, /paper."""
