"""What all command families share of Discord: the client, replies, limits, delivery of messages."""
