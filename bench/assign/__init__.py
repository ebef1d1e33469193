"""Assignments per second: our matcher and two job queues, on one Postgres that really writes to its disk."""
