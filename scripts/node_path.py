"""Print the search path on which Node is found (bootstrap.py may have brought its own)."""

from bootstrap import node_path

print(node_path())
