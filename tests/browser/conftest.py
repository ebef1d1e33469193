from tests.browser.office import office

__all__ = ["office"]
