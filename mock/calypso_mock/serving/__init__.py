"""How a mock is reached: ASGI, HTTP server, httpx transports, control endpoints."""
