"""The fault campaign: real calls, a fault at a drawn moment, and three histories held against the promises I1 to I7.

`python -m tests.campaign --calls N --seed S --report FILE.json`. What is drawn is in `plan.py`, what breaks in
`faults.py`, what a caller does in `script.py`, what was seen in `history.py`, what must be true of it in `checker.py`.
"""
