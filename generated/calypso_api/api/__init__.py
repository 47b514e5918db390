"""A module with four functions for each operation. They neither sign nor retry."""
