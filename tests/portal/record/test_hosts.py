"""What the address of PostgreSQL may say: several hosts, a pooler, and how long a silent one is waited for."""

import pytest
from sqlalchemy import NullPool, create_engine, make_url, text

from tests.conftest import a_database


@pytest.fixture
def address(request, tmp_path):
    yield from (make_url(url) for url in a_database("postgresql", request, tmp_path))


def connection_to(address):
    return create_engine(address, poolclass=NullPool).connect()


def test_a_host_that_is_silent_is_given_up_unless_the_address_says_otherwise(address):
    with connection_to(address.update_query_dict({"connect_timeout": "2"})) as connection:
        told = connection.connection.dbapi_connection.info.get_parameters()
    assert (told["connect_timeout"], told["tcp_user_timeout"]) == ("2", "10000")


@pytest.mark.parametrize(("said", "meant"), [("none", None), ("3", 3)])
def test_a_pooler_in_transaction_mode_is_sent_nothing_prepared(address, said, meant):
    with connection_to(address.update_query_dict({"prepare_threshold": said})) as connection:
        assert connection.connection.dbapi_connection.prepare_threshold == meant


def test_of_several_hosts_the_one_that_takes_writes_is_found(address):
    port = address.query.get("port", "5432")
    hosts = ["127.0.0.1:1", f"{address.query['host']}:{port}"]
    several = address.difference_update_query(["port"]).update_query_dict(
        {"host": hosts, "target_session_attrs": "read-write"}
    )
    with connection_to(several) as connection:
        assert connection.scalar(text("SELECT 1")) == 1
