"""The events of webhooks, and what is credited because of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone


class Event(models.Model):
    """An event, as `shop.store.EventStore` remembers it."""

    class Status(models.TextChoices):
        """What became of it; `PARKED` means that its handler failed too often."""

        PENDING = "pending"
        FAILED = "failed"
        PARKED = "parked"
        DONE = "done"

    key = models.CharField(max_length=32, primary_key=True)
    order_key = models.CharField(max_length=32, db_index=True)
    status = models.CharField(max_length=7, choices=Status)
    # The ids as a Python literal: a text of the vendor's may contain what a column can't hold.
    task = models.TextField()
    body = models.BinaryField()
    attempts = models.PositiveIntegerField(default=0)
    error = models.TextField()
    received_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """The index for events that are not done is small, since nearly all are."""

        indexes: ClassVar = [
            models.Index(
                fields=["updated_at"], name="shop_event_open", condition=~models.Q(status="done")
            )
        ]

    def __str__(self) -> str:
        return f"{self.task}: {self.status}"


class Credit(models.Model):
    """A deposit that was credited to a customer."""

    transaction_id = models.CharField(max_length=64, primary_key=True)
    customer_id = models.CharField(max_length=64)
    currency = models.CharField(max_length=16)
    # Text, because SQLite's numbers are not exact. With PostgreSQL alone, use a DecimalField.
    amount = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} for {self.customer_id}"
