"""What can go wrong with a call, as errors that say what happened."""


class PhoneError(Exception):
    """The phone could not do what it was asked."""


class NoResponse(PhoneError):
    """Nothing at all came back from the other side."""


class CallRefused(PhoneError):
    """The call ended with a final answer other than 200 OK.

    `status` and `reason` are those of the SIP response (RFC 3261, section 21).
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"the call was refused: {status} {reason}")
        self.status = status
        self.reason = reason


class CallOver(PhoneError):
    """The call has ended, so there is nobody to speak to."""
