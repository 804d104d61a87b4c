"""What a card is read for is said in the same words by the portal's pages and by the bridge, which one compares."""

import pytest
from flask_babel import force_locale

from portal.domain.card_session import Purpose
from portal.domain.codes import Code
from portal.web.problems import problem_of
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


@pytest.mark.parametrize(("language", "steps"), [("ja", ["つなぎ直", "起動"]), ("en", ["Reconnect", "restart"])])
def test_page_and_bridge_say_the_same_next_step_where_the_card_service_does_not_run(app, language, steps):
    with app.test_request_context(), force_locale(language):
        said = [str(problem_of(Code.NO_SERVICE).next_step), Words(language).say("no-service")]
    for words in said:
        assert 0 <= words.find(steps[0]) < words.find(steps[1])  # Windows stops the service with the last reader
