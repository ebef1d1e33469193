"""Speech that begins at once: voices put silence before their first word, and a caller waits through it."""

from callcenter.inroom.sound.music import Samples

# Of 32,768, 50 dB under the loudest: some 40 dB under the vowels of a voice as loud as they usually are.
QUIET = 100
# What is kept before the first sound, so that a word that begins softly is whole.
LEAD_SECONDS = 0.02
# A silence that is longer is meant, and stays.
LONGEST_SECONDS = 1.0


def lead_in(samples: Samples, rate: int) -> int | None:
    """How many samples are silence before the first sound, with `LEAD_SECONDS` of it left; None if there is no sound in
    the first `LONGEST_SECONDS`."""
    beginning = samples[: int(LONGEST_SECONDS * rate)]
    loud = (beginning >= QUIET) | (beginning <= -QUIET)
    return max(0, int(loud.argmax()) - int(LEAD_SECONDS * rate)) if loud.any() else None
