"""Compares the vendor's documentation with `openapi.yaml`."""
