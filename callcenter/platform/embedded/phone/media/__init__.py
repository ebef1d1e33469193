"""RTP media: codec, pacing, streams, recordings."""
