"""A stand-in for OpenAI that runs offline: pocketsphinx hears, a table of intents answers, flite and espeak-ng speak.

The product knows nothing of it; it reaches it like any other OpenAI-compatible server, by `OPENAI_BASE_URL`.
"""
