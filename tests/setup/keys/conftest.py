from tests.platform.api.fixtures import world

__all__ = ["world"]
