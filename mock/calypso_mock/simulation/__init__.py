"""What happens outside the API: deposits and top-ups that a test lets arrive."""
