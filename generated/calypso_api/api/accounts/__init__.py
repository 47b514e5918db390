"""Functions of the operations of this tag."""
