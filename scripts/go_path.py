"""Print where Go is (bootstrap.py may have brought its own)."""

from bootstrap import go_command

print(go_command())
