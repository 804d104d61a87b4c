"""What a card is read for is said in the same words by the portal's pages and by the bridge, which one compares."""

import pytest
from flask_babel import force_locale

from portal.domain.card_session import Purpose
from portal.web.purposes import PARAMETERS, PURPOSES
from reader_bridge.words import sentences
from reader_bridge.words.language import Words
from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_portal_and_bridge_say_a_purpose_in_the_same_words(app, language):
    words = Words(language)
    with app.test_request_context(), force_locale(language):
        assert {name: str(said) for name, said in PURPOSES.items()} == {each: words.purpose(each) for each in Purpose}
        assert {name: str(said) for name, said in PARAMETERS.items()} == {
            name: words.parameter(name) for name in sentences.PARAMETERS
        }
