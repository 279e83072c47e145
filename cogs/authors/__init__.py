"""Authors: /author, /compare, /coauthors and corrections."""
