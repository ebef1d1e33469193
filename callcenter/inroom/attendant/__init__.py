"""The attendant: one process that keeps many waiting callers company with sentences and music."""
