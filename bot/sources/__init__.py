"""Sources that are checked for new papers, and providers that are asked about known ones."""
