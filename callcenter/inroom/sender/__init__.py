"""Packets in place of sound: the process that holds an attendant's connections, and what it is told."""
