"""Journal clubs: /club."""
