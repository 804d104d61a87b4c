"""The citizen's browser, where the conversation goes on."""

import webbrowser


def open_browser(url: str) -> bool:
    """Open the completion page, whose fragment holds the code; tell whether there is a browser at all."""
    return webbrowser.open(url)
