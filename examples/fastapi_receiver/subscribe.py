"""Create a subscription to deposits, and print the secret that signs its deliveries."""

from __future__ import annotations

import sys

from calypso_pay import Calypso

with Calypso() as calypso:
    subscription = calypso.subscriptions.create(
        url=sys.argv[1],
        notification_event_types=[
            "CUSTOMER_PURSE_MEM_POOL_FOUND",
            "CUSTOMER_PURSE_COMPLIANCE_DECLINED",
            "CUSTOMER_PURSE_FUNDS_RECEIVED_FOR_PURSE",
            "CUSTOMER_PURSE_TRANSLATION_TO_ACCOUNT_COMPLETED",
            "CUSTOMER_PURSE_EXPIRED",
        ],
    )
sys.stdout.write(f"export CALYPSO_WEBHOOK_SECRETS={subscription.secret_key}\n")
