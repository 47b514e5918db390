"""Create the tables."""

from typing import ClassVar

from django.db import migrations, models
from django.utils import timezone


class Migration(migrations.Migration):
    """The first migration."""

    initial = True
    operations: ClassVar = [
        migrations.CreateModel(
            name="Event",
            fields=[
                ("key", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("order_key", models.CharField(db_index=True, max_length=32)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("failed", "Failed"),
                            ("parked", "Parked"),
                            ("done", "Done"),
                        ],
                        max_length=7,
                    ),
                ),
                ("task", models.TextField()),
                ("body", models.BinaryField()),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("error", models.TextField()),
                ("received_at", models.DateTimeField(default=timezone.now)),
                ("updated_at", models.DateTimeField(default=timezone.now)),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["updated_at"],
                        name="shop_event_open",
                        condition=~models.Q(status="done"),
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="Credit",
            fields=[
                (
                    "transaction_id",
                    models.CharField(max_length=64, primary_key=True, serialize=False),
                ),
                ("customer_id", models.CharField(max_length=64)),
                ("currency", models.CharField(max_length=16)),
                ("amount", models.CharField(max_length=64)),
            ],
        ),
    ]
