"""New papers in channels: subscriptions, planning, and the outbox of deliveries."""
