"""The AI agent: one job process per conversation, started by a LiveKit agents worker."""
