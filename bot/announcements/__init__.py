"""What channels are told of new papers: subscriptions, planning, and the outbox of deliveries."""
