"""Hand-written modules that every generated package starts with; `generator` copies them in."""
