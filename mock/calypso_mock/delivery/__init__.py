"""Webhook deliveries: the events, the queue, the dispatcher, the HTTP sender."""
