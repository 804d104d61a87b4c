"""やさしい日本語: readings above their words, kana where no element can stand, dates as they are spoken."""

from datetime import date, datetime, timedelta, timezone
from time import process_time

import pytest
from flask_babel import force_locale

from portal.web.easy_japanese import day, moment, time_of_day, with_ruby

JST = timezone(timedelta(hours=9))


@pytest.fixture
def easy(app):
    with app.test_request_context(), force_locale("ja@easy"):
        yield


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<p>登録《とうろく》する</p>", "<p><ruby>登録<rt>とうろく</rt></ruby>する</p>"),
        ("<p>3回《かい》</p>", "<p>3<ruby>回<rt>かい</rt></ruby></p>"),
        ("<p>1人《ひとり》</p>", "<p><ruby>1人<rt>ひとり</rt></ruby></p>"),
        ("<title>登録《とうろく》</title>", "<title>とうろく</title>"),
        ('<a title="登録《とうろく》 > x">見《み》る</a>', '<a title="とうろく > x"><ruby>見<rt>み</rt></ruby>る</a>'),
        ("<option value=1>店《みせ》</option>", "<option value=1>みせ</option>"),
        ("<p>図書館《A&lt;b&gt;》《ねん》</p>", "<p>図書館《A&lt;b&gt;》《ねん》</p>"),
        (
            "<p>24日《にじゅうよっか》20日間《かん》</p>",
            "<p><ruby>24日<rt>にじゅうよっか</rt></ruby>20<ruby>日間<rt>かん</rt></ruby></p>",
        ),
        ('<input name="service_id" value="会《かい》1">', '<input name="service_id" value="会《かい》1">'),
        ('<b title="写《うつ》す" data-copy="会《かい》1">', '<b title="うつす" data-copy="会《かい》1">'),
        ('<dd title="番《ばん》" translate="no">会《かい》1</dd>', '<dd title="ばん" translate="no">会《かい》1</dd>'),
    ],
)
def test_readings_stand_above_their_words(written, shown):
    assert with_ruby(written) == shown


@pytest.mark.parametrize("sent", ["1", "漢", "漢《", "1日《", "1人《ひ", "漢《あ", "《", "翻訳 translate=&#34;no&#34;"])
def test_a_page_with_a_long_text_that_somebody_sent_takes_no_time(sent):
    sent *= 60_000 // len(sent)
    begun = process_time()
    with_ruby(f'<title>{sent}</title><input value="{sent}"><b title="{sent}">{sent}</b>')
    assert process_time() - begun < 1  # with the square of its length it took half a minute


@pytest.mark.usefixtures("easy")
@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("long", "2026年《ねん》9月《がつ》18日《にち》（金曜日《きんようび》）"),
        ("medium", "2026年《ねん》9月《がつ》18日《にち》"),
        ("yyyy年M月", "2026年9月"),
    ],
)
def test_a_day_is_written_as_it_is_spoken(form, written):
    assert day(date(2026, 9, 18), form) == written


@pytest.mark.usefixtures("easy")
def test_every_day_of_a_month_has_its_reading():
    read = [day(date(2026, 3, number)).partition("月《がつ》")[2] for number in (1, 8, 10, 14, 19, 20, 24, 31)]
    spoken = ["ついたち", "ようか", "とおか", "じゅうよっか", "にち", "はつか", "にじゅうよっか", "にち"]
    assert read == [f"{number}日《{how}》" for number, how in zip((1, 8, 10, 14, 19, 20, 24, 31), spoken, strict=True)]


@pytest.mark.usefixtures("easy")
def test_a_time_is_that_of_japan_and_has_no_zeros():
    at = datetime(2026, 9, 18, 15, 5, tzinfo=JST)
    assert time_of_day(at, "short") == "午後《ごご》3時《じ》5分《ふん》"
    assert time_of_day(at.replace(hour=0, minute=0)) == "午前《ごぜん》0時《じ》"
    assert moment(at.replace(minute=30), "short").endswith("18日《にち》 午後《ごご》3時《じ》30分《ぷん》")


def test_the_third_language_is_chosen_kept_and_is_japanese(citizen):
    citizen.get("/language/easy")
    page = citizen.get("/").response
    assert ('<html lang="ja" class="easy">' in page.text, "<rt>" in page.text, "《" in page.text) == (True, True, False)
    assert citizen.get("/card").value("class") == "easy"


def test_an_english_moment_names_its_month(app):
    with app.test_request_context(), force_locale("en"):
        written = moment(datetime(2026, 11, 12, 15, 5, tzinfo=JST), "short")
    assert written.replace("\u202f", " ") == "Nov 12, 2026, 3:05 PM"


def test_a_document_for_machines_has_no_readings(citizen):
    citizen.get("/language/easy")
    assert "《" not in str(citizen.client.get("/openapi.json", base_url=citizen.base).json)
    assert "<rt>" in citizen.get("/api").response.text
