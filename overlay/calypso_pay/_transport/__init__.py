"""The only subpackage that imports httpx and aiohttp: signing, and the drivers that send requests.

`auth` signs. `sync` and `asynchronous` drive the engine over httpx, with what they share in `base`;
`aiohttp_driver` does it over aiohttp, with `aiohttp_session`, `aiohttp_connections` and
`aiohttp_failures`. `http_clients` makes httpx clients and checks those that are given,
`connections` hands out the one that belongs to this process and event loop, and `event_loop` is
what asynchronous drivers share. `requests` makes the requests of httpx, `body` reads a response,
and `failures` turns exceptions of httpx into failures that carry no headers.
"""
