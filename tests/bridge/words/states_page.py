"""Write docs/bridge-states.md out of the table of states: `python -m tests.bridge.words.states_page`."""

from math import inf
from pathlib import Path

from reader_bridge.words.sentences import Sentence
from reader_bridge.words.states import STATES
from reader_bridge.words.window_sentences import WINDOW

PAGE = Path("docs/bridge-states.md")
HEAD = """# The states of a conversation

What the bridge's window shows in each state, in Japanese and in English; the terminal says the same titles and
sentences, but for its three prompts (a new portal, the PIN, the last try). Written out of
`reader_bridge/words/states.py` by `make pictures`.

The focus is on the title. Enter presses the button in bold, and none where nothing is asked; Escape cancels, and asks
once where a PIN is half typed. The time is the longest until another state comes by itself. The step is that of three:
reader, card, PIN.

| state | title and sentence | buttons | seconds | step | hint after |
|---|---|---|---|---|---|
"""


def page():
    return HEAD + "\n".join(row(name, state) for name, state in STATES.items()) + "\n"


def row(name, state):
    said = "<br>".join(
        f"**{title}**<br>{sentence}" for title, sentence in zip(state.title, state.sentence, strict=True)
    )
    asked = name if f"answer-{name}" in WINDOW else "pin-prompt"
    labels = {each: WINDOW[f"answer-{asked}" if each == "answer" else f"do-{each}"] for each in state.can_do}
    buttons = ", ".join(
        f"**{both(label)}**" if each == state.default else both(label) for each, label in labels.items()
    )
    seconds = "–" if state.seconds == inf else f"{state.seconds:.0f}"
    hint = f"{state.hint[0]:.0f}: {both(WINDOW[state.hint[1]])}" if state.hint else "–"
    return f"| `{name}` | {said} | {buttons} | {seconds} | {state.step or '–'} | {hint} |"


def both(sentence: Sentence):
    return f"{sentence.ja} ({sentence.en})"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
