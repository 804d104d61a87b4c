"""The review queue: what the rules send to staff, listed once, and closed with a reason."""

import pytest

from portal.domain.errors import StaffReview
from portal.extensions import db
from portal.models import Review
from tests.portal.actors.staff import code_of

KEY = "mykey-id-conflict:abc:1f"


@pytest.fixture
def queue(counter_town):
    """Open reviews as services do."""

    def open_review(about="abc:1f", code="mykey-id-conflict", **facts):
        with counter_town.app.app_context():
            counter_town.services.review_queue.open(StaffReview(code, about, **facts))
            db.session.commit()

    return open_review


@pytest.fixture
def browser(clerk):
    clerk.get("/reviews")
    return clerk


def test_an_empty_queue_says_so(browser):
    assert "ありません。" in browser.page.words


def test_what_waits_is_shown_with_its_words_and_facts(queue, browser):
    queue(serial_number="1f<b>")
    page = browser.get("/reviews")
    assert KEY in page.words
    assert "別の電子証明書で登録されています" in page.words
    assert "1f<b>" in page.words
    assert "<b>" not in page.response.text


def test_the_same_thing_again_is_listed_once(counter_town, queue):
    queue()
    queue()
    assert len(counter_town.rows(Review)) == 1


def test_it_is_closed_with_a_reason_and_written_down(counter_town, queue, browser):
    queue()
    page = browser.post("/reviews", review_key=KEY, reason=" 記録を比べた ")
    assert KEY not in page.words
    [review] = counter_town.rows(Review)
    assert (review.reason, str(review.closed_by)) == ("記録を比べた", str(browser.staff_id))
    event, facts = counter_town.last_entry()
    assert (event, facts["review"], facts["reason"]) == ("clerk:review:closed", KEY, "記録を比べた")
    assert facts["staff"] == str(browser.staff_id)


@pytest.mark.parametrize(
    ("reason", "words"), [("", "理由が入っていません"), ("a" * 501, "理由は500文字までの1行にしてください")]
)
def test_without_a_reason_it_stays_and_the_field_says_why(counter_town, queue, browser, reason, words):
    queue()
    page = browser.post("/reviews", review_key=KEY, reason=reason)
    assert words in page.words
    assert counter_town.rows(Review)[0].closed_at is None


def test_it_is_closed_once_and_nothing_else_is(queue, browser):
    queue()
    browser.post("/reviews", review_key=KEY, reason="x")
    for key in (KEY, "", "mykey-id-conflict:no-such"):
        assert code_of(browser.post("/reviews", review_key=key, reason="x")) == "review-not-found"
        browser.get("/reviews")


def test_text_that_a_database_does_not_take_is_refused_and_changes_nothing(counter_town, queue, browser):
    queue()
    assert code_of(browser.post("/reviews", review_key="a\0", reason="x")) in {"review-not-found", "request-malformed"}
    browser.get("/reviews")
    assert browser.post("/reviews", review_key=KEY, reason="x\0").status == 422
    assert browser.get("/reviews").status == 200
    with counter_town.app.app_context():
        assert counter_town.services.audit.broken()[1] is None


def test_what_comes_again_after_it_was_closed_is_listed_anew(counter_town, queue, browser, clock):
    queue()
    browser.post("/reviews", review_key=KEY, reason="x")
    clock.forward(minutes=1)
    queue(serial_number="2f")
    [review] = counter_town.rows(Review)
    assert (review.closed_at, review.reason, review.facts) == (None, None, {"serial_number": "2f"})
    assert review.opened_at == clock()


def test_a_hundred_are_shown_at_once_the_oldest_first(counter_town, queue, browser, clock):
    with counter_town.app.app_context():
        counter_town.services.review_queue.open_new(StaffReview("mykey-id-conflict", f"{n:03}") for n in range(150))
        db.session.commit()
    clock.forward(minutes=1)
    queue("newest")
    page = browser.get("/reviews")
    assert page.words.count("mykey-id-conflict:") == 100
    assert "newest" not in page.words
