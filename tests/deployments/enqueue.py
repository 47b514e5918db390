"""Put jobs into a queue: ``python -m tests.deployments.enqueue celery|rq EMAIL …``."""

from __future__ import annotations

import os
import sys

from tests.deployments import jobs
from tests.deployments.__main__ import HANGING

runner, emails = sys.argv[1], sys.argv[2:]
if runner == "celery":
    for name in HANGING:
        jobs.celery_hang.delay(name)
    for email in emails:
        jobs.celery_create_customer.delay(email)
else:
    import redis
    import rq

    queue = rq.Queue(connection=redis.from_url(os.environ["DEPLOYMENT_REDIS"]))
    for name in HANGING:
        # The time limit includes the import of the module.
        queue.enqueue(jobs.hang, name, job_timeout=8)
    for email in emails:
        queue.enqueue(jobs.rq_create_customer, email)
