"""Figures for Prometheus: behind the operator's token, in its own format, without anybody's ID."""

import os

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from tests.portal.actors.pages import Page
from tests.portal.actors.staff import code_of
from tests.portal.actors.tablet import Tablet
from tests.portal.actors.town import HANAKO, LIBRARY

TOKEN = "a token of more than sixteen"


@pytest.fixture
def app(app_with):
    return app_with(metrics_token=SecretStr(TOKEN))


def asked(app, authorization, **host):
    headers = {"Authorization": authorization} if authorization else {}
    return app.test_client().get("/metrics", base_url="https://id.example.jp", headers=headers | host)


def test_prometheus_reads_what_the_page_shows_and_nobodys_id(app, town):
    Tablet(town).look_up(town.card())
    town.register(town.card(), LIBRARY)
    with app.app_context():
        town.services.day.write_refusals()
    reply = asked(app, f"Bearer {TOKEN}", Host="127.0.0.1:8000")
    assert reply.headers["Content-Type"].startswith("text/plain; version=")
    found = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(reply.text)
        for sample in family.samples
    }
    assert found["mykey_acts_total", "", "registered"] == 1
    assert found["mykey_acts_total", LIBRARY, "linked"] == 1
    assert found["mykey_refusals_total", LIBRARY, "mykey-id-not-registered"] == 1
    assert found["mykey_terminals", LIBRARY, "present"] == 1
    assert found["mykey_certificates_expiring", "90"] == 0
    assert found["mykey_authority_expiry_timestamp_seconds", "demo.pem"] > 0
    assert found["mykey_disk_free_bytes",] > 0
    assert found["mykey_database_bytes",] > 0
    assert HANAKO[:14] not in reply.text
    assert "図書館" not in reply.text


def test_a_name_of_a_file_that_is_no_utf8_stops_nothing(app, settings):
    trust = settings.instance / "trust"
    (trust / "demo.pem").rename(trust / os.fsdecode("認証局.pem".encode("cp932")))
    reply = asked(app, f"Bearer {TOKEN}")
    assert reply.status_code == 200
    assert 'mykey_authority_expiry_timestamp_seconds{file="' in reply.text


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x"])
def test_another_token_reads_nothing(app, authorization):
    reply = asked(app, authorization)
    assert (reply.status_code, reply.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert code_of(Page(reply)) == "metrics-token-invalid"


def test_without_the_setting_there_are_no_figures(app_with):
    assert [asked(app_with(), each).status_code for each in ("", "Bearer ", f"Bearer {TOKEN}")] == [404] * 3
