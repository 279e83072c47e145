"""Plain text: LaTeX made readable, and words folded to one form. Pure functions."""
