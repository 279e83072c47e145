"""Tests of finding by meaning."""
