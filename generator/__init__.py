"""Makes `generated/calypso_api` from `openapi.yaml`: `python -m generator`."""
