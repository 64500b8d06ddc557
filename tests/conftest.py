"""Fixtures every test may ask for."""

from tests.tenant import administrator, sandbox

__all__ = ["administrator", "sandbox"]
