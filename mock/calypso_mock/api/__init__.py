"""The API itself: the OpenAPI document, the checks, the handlers, the search, the responses."""
