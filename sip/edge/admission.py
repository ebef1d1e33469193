"""Who may call which number, out of the trunk files: what the edge asks before anything reaches livekit-sip."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sip.config import TrunkFile, load


@dataclass(frozen=True)
class Door:
    """One inbound trunk. `addresses` is empty for a trunk of any source, whom livekit-sip asks for a password."""

    trunk: str
    numbers: tuple[str, ...]
    catch_all: bool
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class Admission:
    """All trunks, in the order of their names."""

    doors: tuple[Door, ...]

    @property
    def listed(self) -> tuple[str, ...]:
        """Every network that some trunk names: the carriers. All others are strangers."""
        return tuple(sorted({address for door in self.doors for address in door.addresses}))

    @property
    def catch_all(self) -> Door | None:
        """The trunk of every number that no trunk names; the files allow one (`sip.config`)."""
        return next((door for door in self.doors if door.catch_all), None)


class _NoSecrets(Mapping[str, str]):
    """Stands in for the environment: the edge never sees a password, so none has to be set where it is written."""

    def __getitem__(self, name: str) -> str:
        return "not-needed-here"

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def read(files: Sequence[Path]) -> tuple[TrunkFile, ...]:
    """The trunk files, without the secrets they refer to. Raises ConfigError as `sip.config.load` does."""
    return load(files, _NoSecrets())


def admission(files: Iterable[TrunkFile]) -> Admission:
    """What these files say of who may call."""
    doors = [
        Door(name, trunk.numbers, trunk.catch_all, trunk.authentication.addresses)
        for file in files
        for name, trunk in file.inbound.items()
    ]
    return Admission(tuple(sorted(doors, key=lambda door: door.trunk)))
