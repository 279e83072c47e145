"""What Papercord can do, as plain functions: arguments in, frozen dataclasses out."""
