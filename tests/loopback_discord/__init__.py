"""A small Discord on the loopback interface: enough of its REST API to post to, with faults to order."""
