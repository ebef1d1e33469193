"""The journey of this process, for routes that do one of its verbs."""

from typing import Annotated

from fastapi import Depends, Request

from callcenter.journey.verb import Journey


def the_journey(request: Request) -> Journey:
    found = request.app.state.journey
    assert isinstance(found, Journey)
    return found


TheJourney = Annotated[Journey, Depends(the_journey)]
