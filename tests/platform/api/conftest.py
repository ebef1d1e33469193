from tests.platform.api.fixtures import api_process, world

__all__ = ["api_process", "world"]
