"""Reads the vendor's documentation and tells where it differs from `openapi.yaml`."""
