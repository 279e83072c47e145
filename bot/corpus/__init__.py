"""The outside world: readers that turn files into validated records."""
