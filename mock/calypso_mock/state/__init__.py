"""What a mock keeps: its records, its clocks, its ids and addresses, its journal."""
