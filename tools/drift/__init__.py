"""Compares the vendor's documentation with `openapi.yaml`.

A text becomes a page of blocks (`reading`, `model`), the page becomes facts under keys that are the
same in all layouts (`facts`), and the facts are compared with those of the document and of the text
that was accepted last (`document`, `compare`). What differs becomes edits and a report (`edits`,
`report`); `run` does all of it for each page.
"""
