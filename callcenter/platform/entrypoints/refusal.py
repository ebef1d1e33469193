"""What every command says when it cannot do what it was asked."""

import sys


def refuse(reason: str) -> int:
    """Say why on stderr; returns the exit code."""
    sys.stderr.write(f"callcenter: {reason}\n")
    return 1
