"""Every state and every page beside a conversation, in both languages: what it says, offers, names, and its size."""

import re

import pytest
from PySide6.QtGui import QAccessible, QIcon
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from reader_bridge.desktop.linux import ICON
from reader_bridge.words.language import Words
from reader_bridge.words.states import STATES
from tests.bridge.window.gallery import AGAIN, BESIDE, ORIGIN

LANGUAGES = ("ja", "en")
NAMED = {
    QAccessible.Role.Button,
    QAccessible.Role.EditableText,
    QAccessible.Role.ComboBox,
    QAccessible.Role.RadioButton,
    QAccessible.Role.PageTab,
    QAccessible.Role.StaticText,
    QAccessible.Role.ProgressBar,
}


def texts(window):
    return [each.text().replace("\u200b", "") for each in window.findChildren(QLabel) if each.isVisibleTo(window)]


def buttons(window):
    return [each.text() for each in window._buttons.values()]


def controls(of):
    """Yield what a screen reader meets, as Qt hands it to every platform."""
    for number in range(of.childCount()):
        child = of.child(number)
        if child and child.isValid() and not child.state().invisible:
            yield child
            yield from controls(child)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", STATES)
def test_a_state_has_the_tables_title_sentence_and_buttons(shown, name, language):
    window, words, state = shown(name, language), Words(language), STATES[name]
    title, sentence = words.state(name)
    assert window.page.heading.text() == title
    assert sentence in texts(window) or name == "last-try-question"
    asked = "pin-prompt" if name in AGAIN else name
    labels = [words.say(f"answer-{asked}" if each == "answer" else f"do-{each}") for each in state.can_do]
    assert buttons(window) == labels
    assert window._default == state.default
    assert ORIGIN in texts(window)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [*BESIDE, *STATES])
def test_the_focus_is_on_the_title_and_everything_has_a_name(shown, name, language):
    window = shown(name, language)
    assert QApplication.focusWidget() is window.page.heading
    met = list(controls(QAccessible.queryAccessibleInterface(window)))
    assert {each.role() for each in met} & {QAccessible.Role.Button}
    nameless = [each.role() for each in met if each.role() in NAMED and not each.text(QAccessible.Text.Name)]
    assert nameless == []


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [*BESIDE, *STATES])
def test_with_text_of_twice_the_size_a_page_fits_a_small_screen(shown, name, language):
    window = shown(name, language)
    assert window.minimumSizeHint().width() <= 1024
    assert window.minimumSizeHint().height() <= 600
    window.resize(1024, 600)
    QApplication.processEvents()
    inside = window._area.widget()
    assert inside.width() <= window._area.viewport().width()
    for each in window.page.findChildren(QLabel):
        widest = max(map(each.fontMetrics().horizontalAdvance, re.findall("[!-~]+|.", each.text()) or [""]))
        assert not each.isVisibleTo(window) or widest <= each.width(), each.text()
    for each in window.page.findChildren(QWidget):
        if each.isVisibleTo(window) and each.mapTo(inside, each.rect().topRight()).x() > inside.width():
            pytest.fail(f"{type(each).__name__} is cut off at the right")
    assert all(each.geometry().right() <= window.width() for each in window._buttons.values())


@pytest.mark.parametrize("name", [*BESIDE, "pin-prompt", "last-try-question", "portal-untrusted", "no-card"])
def test_no_page_fixes_a_colour(shown, name):
    window = shown(name)
    assert [each for each in (window, *window.findChildren(QWidget)) if each.styleSheet()] == []


def test_qt_can_draw_the_icon_by_which_a_hidden_window_is_found(qapp):  # noqa: ARG001
    assert not QIcon(str(ICON)).pixmap(48).isNull()
