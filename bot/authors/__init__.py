"""Authors: who is meant by a name, their figures, co-authors and corrections."""
