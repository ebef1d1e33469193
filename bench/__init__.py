"""`make bench`: what callers wait for and what a call costs, measured beside a baseline in the same run."""
