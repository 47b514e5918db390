"""Settings, from the environment.

``DATABASE_URL``, as ``postgresql://user@host/name`` or ``sqlite:///path``; ``DJANGO_SECRET_KEY``;
``DJANGO_ALLOWED_HOSTS``, separated by a space. `shop.payments` reads others.
"""

from __future__ import annotations

import os
from typing import Any


def database(url: str) -> dict[str, Any]:
    """Return Django's settings for a database."""
    if url.startswith("sqlite:///"):
        # The first statement waits for the lock, so that no later one finds it taken.
        options: dict[str, Any] = {"transaction_mode": "IMMEDIATE", "timeout": 2}
        path = url.removeprefix("sqlite:///")
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": path, "OPTIONS": options}
    from psycopg.conninfo import conninfo_to_dict

    options = conninfo_to_dict(url)
    # A machine that vanished must not keep its claims: end them within a minute.
    options |= {"keepalives_idle": 20, "keepalives_interval": 10, "keepalives_count": 3}
    name = options.pop("dbname")
    return {"ENGINE": "django.db.backends.postgresql", "NAME": name, "OPTIONS": options}


DATABASES = {"default": database(os.environ.get("DATABASE_URL", "sqlite:///shop.sqlite3"))}
SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", "only for a try")
ALLOWED_HOSTS = os.environ.get("DJANGO_ALLOWED_HOSTS", "127.0.0.1 localhost").split()
INSTALLED_APPS = ["shop"]
ROOT_URLCONF = "shop.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
