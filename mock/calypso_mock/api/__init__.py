"""The API itself: the OpenAPI document, the checks, the handlers, the search, the responses.

`Request`, `Call` and `HttpResponse`, which each request makes, are not frozen: frozen objects take
three times as long to make. `Response` and `Exchange` are, since callers and observers get them.
"""
