"""The page of a terminal asks for a tap; no tap counts unless it does."""

import json

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from portal.domain.errors import PortalError
from portal.domain.providers import FirstLinks, Handoff, Step
from portal.extensions import db
from portal.models import IdUse, ReceptionState, WebhookMessage
from portal.pki.errors import PkiError
from portal.transactions import acting
from tests.portal.actors.tablet import UID
from tests.portal.actors.town import LIBRARY, SHOP


class Page:
    """One terminal's page and its bridge, without the way there."""

    def __init__(self, town, provider=LIBRARY, **set_up):
        self.services = town.services
        self.terminal, _ = self.services.terminals.add(provider, "受付", **set_up)

    def ask(self, step):
        self.services.reception.ask(self.terminal, step)

    def tap(self, card):
        """Tap a card; return the code that the bridge is told, if any."""
        try:
            self.services.reception.tap_certificate(self.terminal, card.public_bytes(Encoding.DER))
        except (PortalError, PkiError) as error:
            return error.code
        return None

    def shown(self):
        state = self.services.reception.of(self.terminal)
        return (state.mykey_id, state.service_id, state.problem, state.result) if state else None

    def link(self, card, service_id, *, replaces=None):
        self.ask(Step.CARD)
        self.tap(card)
        self.services.reception.type_service_id(self.terminal, service_id)
        self.services.reception.register(self.terminal, replaces=replaces)
        return self.shown()


def set_up(town, provider, **changes):
    """Set a provider up as its operator does."""
    with acting(db.session):
        for name, value in changes.items():
            setattr(town.services.service_providers.known(provider), name, value)


@pytest.mark.usefixtures("context")
def test_a_card_a_service_card_and_the_button_link(town, card):
    page = Page(town)
    page.ask(Step.CARD)
    page.tap(card)
    page.ask(Step.SERVICE_CARD)
    page.services.reception.tap_service_card(page.terminal, UID)
    page.services.reception.register(page.terminal)
    assert page.shown() == ("1C2410DF79DGEL", UID, None, "registered")
    page.ask(Step.INQUIRY)
    page.tap(card)
    assert page.shown() == (None, UID, None, "found")


@pytest.mark.usefixtures("context")
def test_a_tap_counts_once_and_only_while_its_own_page_asks(town, card, clock):
    page, other = Page(town), Page(town)
    page.tap(card)
    assert page.shown() is None
    page.ask(Step.CARD)
    other.tap(card)
    assert (page.shown(), other.shown()) == ((None, None, None, None), None)
    clock.forward(seconds=30)
    page.tap(card)
    assert page.shown() == (None, None, None, None)
    for _ in range(2):
        page.ask(Step.CARD)
    page.tap(card)
    assert page.shown()[0] == "1C2410DF79DGEL"
    page.services.reception.clear(page.terminal)
    page.tap(card)
    assert page.shown() == (None, None, None, None)


@pytest.mark.usefixtures("context")
def test_a_service_card_that_is_none_of_the_providers_is_told_in_step_2(town, card):
    set_up(town, LIBRARY, picture="99999999")
    page = Page(town)
    page.ask(Step.CARD)
    page.tap(card)
    page.ask(Step.SERVICE_CARD)
    page.services.reception.tap_service_card(page.terminal, UID)
    assert page.shown() == ("1C2410DF79DGEL", UID, "service-id-malformed", None)  # what came, with its refusal
    with pytest.raises(PortalError, match="card-wanted"):
        page.services.reception.register(page.terminal)


@pytest.mark.usefixtures("context")
def test_a_uid_is_no_bar_code_though_it_looks_like_one(town, card):
    page = Page(town)
    page.ask(Step.CARD)
    page.tap(card)
    page.ask(Step.SERVICE_CARD)
    page.services.reception.tap_service_card(page.terminal, "A123456B")
    page.services.reception.register(page.terminal)
    assert page.shown() == ("1C2410DF79DGEL", "A123456B", None, "registered")


@pytest.mark.usefixtures("context")
def test_what_was_read_goes_from_the_database_when_its_time_is_over(town, card, clock):
    page, other = Page(town), Page(town)
    for each, later in ((page, 60), (other, 60)):
        each.ask(Step.CARD)
        each.tap(card)
        clock.forward(seconds=later)
    page.services.retention.forget()
    kept = {row.terminal_id: row.mykey_id for row in db.session.query(ReceptionState) if row.certificate}
    assert kept == {other.terminal.terminal_id: "1C2410DF79DGEL"}


@pytest.mark.usefixtures("context")
def test_a_my_number_card_is_no_service_card_and_the_page_goes_on_asking(town, card):
    page = Page(town)
    page.ask(Step.CARD)
    page.tap(card)
    page.ask(Step.SERVICE_CARD)
    page.tap(card)
    assert page.shown()[2] == "service-card-wanted"
    page.services.reception.tap_service_card(page.terminal, UID)
    assert page.shown() == ("1C2410DF79DGEL", UID, None, None)


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("step", [Step.CARD, Step.INQUIRY])
def test_a_service_card_is_no_my_number_card_and_the_page_goes_on_asking(step, town, card):
    page = Page(town)
    page.services.reception.tap_service_card(page.terminal, UID)
    assert page.shown() is None
    page.ask(step)
    page.services.reception.tap_service_card(page.terminal, UID)
    assert page.shown() == (None, None, "my-number-card-wanted", None)
    page.tap(card)
    assert page.shown()[2] in (None, "service-id-not-registered")


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("step", [Step.CARD, Step.INQUIRY])
def test_page_and_bridge_are_told_of_a_card_that_is_refused(step, town, clock):
    page, unknown = Page(town), town.card()
    page.ask(step)
    assert page.tap(unknown) == "mykey-id-not-registered"
    assert page.shown()[2] == "mykey-id-not-registered"
    clock.forward(days=3000)
    page.ask(step)
    assert page.tap(unknown) == "certificate-expired"
    assert page.shown()[2] == "certificate-expired"


@pytest.mark.usefixtures("context")
def test_a_second_link_is_refused_and_a_staffed_terminal_replaces_it(town, card):
    page = Page(town)
    page.link(card, "000123")
    assert page.link(card, "000124")[2] == "service-id-already-registered"
    assert page.link(card, "000124", replaces="000999")[2] == "service-id-already-registered"
    assert page.link(card, "000124", replaces="000123")[3] == "replaced"
    assert Page(town, staffed=False).link(card, "000125", replaces="000124")[2] == "replacement-not-allowed"


@pytest.mark.usefixtures("context")
def test_an_unstaffed_terminal_makes_no_first_link(town, card):
    assert Page(town, staffed=False).link(card, "000123")[2] == "first-link-not-allowed"


@pytest.mark.usefixtures("context")
def test_where_the_pin_confirms_a_first_link_waits_for_it(town, card):
    set_up(town, LIBRARY, first_links=FirstLinks.CONFIRMED)
    page = Page(town, staffed=False)
    assert page.link(card, "000123")[3] == "unconfirmed"
    page.ask(Step.INQUIRY)
    page.tap(card)
    assert page.shown()[2] == "service-id-not-registered"
    person_id = town.held(card).person_id
    with pytest.raises(PortalError, match="service-link-not-pending"):
        town.services.service_links.confirm(LIBRARY, person_id, "000124")
    town.services.service_links.confirm(LIBRARY, person_id, "000123")
    db.session.commit()
    page.ask(Step.INQUIRY)
    page.tap(card)
    assert page.shown()[1] == "000123"


@pytest.mark.usefixtures("context")
def test_a_look_up_that_is_handed_over_writes_its_message_and_one_that_finds_nothing_does_not(town, card):
    set_up(town, LIBRARY, handoff_url="https://desk.example.jp/")
    page = Page(town, handoff=Handoff.WEBHOOK, stays_armed=True)
    page.ask(Step.INQUIRY)
    page.tap(card)
    page.link(card, "000123")
    page.ask(Step.INQUIRY)
    for _ in range(2):
        page.tap(card)
    told = [json.loads(message.body)["data"]["service_id"] for message in db.session.query(WebhookMessage)]
    looked_up = db.session.query(IdUse).filter_by(what="looked-up").count()
    assert (told, looked_up) == (["000123"] * 2, 2)


@pytest.mark.usefixtures("context")
def test_a_typed_id_is_looked_up_where_it_is_allowed_among_the_providers_own_links(town, card):
    namesake = town.card("1C2410DF79DGEL13221003A")
    town.register(namesake)
    page, shop = Page(town), Page(town, SHOP)
    page.link(card, "000123")
    page.services.reception.look_up_typed(page.terminal, "1C2410DF79DGEL")
    assert page.shown()[2] == "inquiry-not-allowed"
    for provider in (LIBRARY, SHOP):
        set_up(town, provider, typed_mykey_ids=True)
    for each in (page, shop):
        each.services.reception.look_up_typed(each.terminal, "1C2410DF79DGEL")
    assert page.shown() == (None, "000123", None, "found")
    assert shop.shown() == (None, None, "service-id-not-registered", None)
    page.link(namesake, "000124")
    page.services.reception.look_up_typed(page.terminal, "1C2410DF79DGEL")
    assert page.shown() == (None, None, "card-wanted", None)
