"""Comparing words that were said, heard and stored."""

from difflib import SequenceMatcher

from callcenter.platform.embedded.model_server.answering import normal

ALIKE = 0.75  # as an ear judges (tests/ear.py)


def is_in(sentence: str, text: str) -> bool:
    """Whether at least three quarters of the sentence's words are in the text, in their order."""
    wanted, there = normal(sentence).split(), normal(text).split()
    width = len(wanted)
    for start in range(max(1, len(there) - width + 1)):
        matcher = SequenceMatcher(None, wanted, there[start : start + width + 2], autojunk=False)
        if sum(block.size for block in matcher.get_matching_blocks()) >= ALIKE * width:
            return True
    return False
