"""What `openapi.yaml` promises, flattened: each field of each call and notification in one place.

The tools that compare the document with something else, or tell about it, read it through here.
"""

from tools.surface.model import (
    Code,
    Enumeration,
    Field,
    Operation,
    Owner,
    Provenance,
    Shape,
    Spot,
    Stated,
    Surface,
)
from tools.surface.read import ReadError, read, read_text

__all__ = [
    "Code",
    "Enumeration",
    "Field",
    "Operation",
    "Owner",
    "Provenance",
    "ReadError",
    "Shape",
    "Spot",
    "Stated",
    "Surface",
    "read",
    "read_text",
]
