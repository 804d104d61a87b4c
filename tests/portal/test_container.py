"""The services: each is filled with what its fields name."""

from dataclasses import fields
from typing import get_type_hints

from portal.container import Services
from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)

KINDS = get_type_hints(Services)


def test_a_service_stands_on_what_its_fields_say(app):
    services = app.extensions["mykey"]
    for name, kind in KINDS.items():
        made = getattr(services, name)
        assert type(made) is kind
        assert made is getattr(services, name)
        for field in fields(made):
            assert getattr(made, field.name) is getattr(services, field.name)
            assert field.type is KINDS.get(field.name, field.type)


def test_there_is_no_other_service(app):
    assert not hasattr(app.extensions["mykey"], "nobody")
