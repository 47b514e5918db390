"""The addresses of the shop."""

from django.urls import path

from shop import views

urlpatterns = [
    path("webhooks/calypso", views.calypso_webhook),
    path("credits", views.credits_so_far),
]
