"""The portal: a citizen turns a certificate into a MyKey ID here."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portal.application import create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> Any:
    """Import `create_app` when it is asked for: it brings everything along, and `mykey config` needs little."""
    if name not in __all__:
        raise AttributeError(name)
    from portal.application import create_app  # noqa: PLC0415

    return create_app
