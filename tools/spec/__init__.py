"""The index of `openapi.yaml`: every field of every call and webhook event, flattened.

The tools that compare or describe the document read it through here.
"""

from tools.spec.model import (
    Alternative,
    Code,
    Enumeration,
    Field,
    FieldPath,
    Operation,
    Owner,
    Provenance,
    Shape,
    SpecIndex,
)
from tools.spec.read import ReadError, read, read_text

__all__ = [
    "Alternative",
    "Code",
    "Enumeration",
    "Field",
    "FieldPath",
    "Operation",
    "Owner",
    "Provenance",
    "ReadError",
    "Shape",
    "SpecIndex",
    "read",
    "read_text",
]
