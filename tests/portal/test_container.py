"""The services: each is filled with what its fields name."""

from dataclasses import fields
from typing import get_type_hints

import pytest

from portal.container import Services

KINDS = get_type_hints(Services)


@pytest.mark.parametrize("name", KINDS)
def test_a_service_stands_on_what_its_fields_say(app, name):
    services = app.extensions["mykey"]
    made = getattr(services, name)
    assert type(made) is KINDS[name]
    assert made is getattr(services, name)
    for field in fields(made):
        assert getattr(made, field.name) is getattr(services, field.name)
        assert field.type is KINDS.get(field.name, field.type)


def test_there_is_no_other_service(app):
    assert not hasattr(app.extensions["mykey"], "nobody")
