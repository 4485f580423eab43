"""How tests put a version in production: the real step, asked by a person."""

from forecasting.adapters.promotion.pointer import Mover
from forecasting.adapters.promotion.step import promote

ANNA = Mover("anna on desk", "command")


def put_in_production(installation, version, reason="a test wants it"):
    """Let a registered version serve; the pointer."""
    return promote(installation, version.model_name, version.version, ANNA, reason)
