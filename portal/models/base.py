"""The base of every table."""

from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, LargeBinary, MetaData, String
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.types import TypeDecorator

from portal.domain.codes import Code


class UtcDateTime(TypeDecorator[datetime]):
    """Keep an aware time in UTC, also on SQLite, which knows no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Hex(TypeDecorator[str]):
    """Keep a digest that is written in hex as its bytes, which are half as long, in the table and in each index."""

    impl = LargeBinary
    cache_ok = True

    @property
    def python_type(self) -> type[str]:
        return str

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        return None if value is None else bytes.fromhex("0" * (len(value) % 2) + value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else value.hex()


class HexNumber(Hex):
    """Keep a number that is written in hex, without zeros before it, as its bytes."""

    cache_ok = True

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        found = super().process_result_value(value, dialect)
        return found and found.lstrip("0")


class StoredCode(TypeDecorator[Code]):
    """Keep a code as its text; one that this version no longer knows is read as INTERNAL."""

    impl = String
    cache_ok = True

    @property
    def python_type(self) -> type[Code]:
        return Code

    def process_result_value(self, value: str | None, dialect: Dialect) -> Code | None:  # noqa: ARG002
        return None if value is None else Code(value)


class Base(DeclarativeBase):
    registry = registry(
        type_annotation_map={datetime: UtcDateTime, Code: StoredCode},
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_name)s",
                "uq": "uq_%(table_name)s_%(column_0_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
    )
