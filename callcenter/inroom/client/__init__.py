"""The desk client: how a process in the room reaches the control plane."""
