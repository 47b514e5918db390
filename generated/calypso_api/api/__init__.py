"""One module with four functions for each operation. They sign nothing and repeat nothing."""
