"""Credit each deposit to its customer, once.

Settings: those of the client (``CALYPSO_KEY`` and so on); ``CALYPSO_WEBHOOK_SECRETS``, separated by
a space while there are two.
"""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from calypso_pay import Calypso
from calypso_pay.receiver import Receiver
from calypso_pay.webhooks import Event, PurseTranslationCompletedEvent
from shop.models import Credit
from shop.store import EventStore

if TYPE_CHECKING:
    from calypso_pay.models import Transaction

log = logging.getLogger(__name__)
calypso = Calypso()
store = EventStore()
receiver = Receiver(os.environ["CALYPSO_WEBHOOK_SECRETS"].split(), client=calypso, store=store)


@receiver.on(PurseTranslationCompletedEvent, refetch=True)
def credit(event: PurseTranslationCompletedEvent, transaction: Transaction) -> None:
    """Credit a deposit, with the amount that the API has now.

    The store commits this together with the mark that the event is done.
    """
    if not transaction.is_credited:
        raise RuntimeError("Not on the account yet: retry later.")
    if event.data is None or event.data.customer_id is None:
        raise RuntimeError("The event has no customer id: retry later.")
    Credit.objects.create(
        transaction_id=transaction.id,
        customer_id=event.data.customer_id,
        currency=transaction.currency,
        amount=f"{transaction.amount:f}",
    )


@receiver.default
def note(event: Event) -> None:
    """Log all other events."""
    log.info("%s %s", type(event).__name__, event.id)
