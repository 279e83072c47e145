"""What channels are told of new papers: subscriptions, planning, and the ledger of deliveries."""
