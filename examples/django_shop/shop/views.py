"""The views of the shop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from shop.models import Credit
from shop.payments import receiver

if TYPE_CHECKING:
    from django.http import HttpRequest


@csrf_exempt
@require_POST
@transaction.non_atomic_requests  # the store has its own, even where ATOMIC_REQUESTS is set
def calypso_webhook(request: HttpRequest) -> HttpResponse:
    """Receive a delivery."""
    response = receiver.handle(request.body, request.headers)
    return HttpResponse(response.result, status=response.status)


@require_GET
def credits_so_far(request: HttpRequest) -> HttpResponse:
    """Return all credits."""
    return JsonResponse(list(Credit.objects.order_by("transaction_id").values()), safe=False)
