"""A shop that credits deposits, once each, with Django."""
