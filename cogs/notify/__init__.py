"""Subscriptions of channels: /notify."""
