"""A conversation at a desk, brought into one of its states, and what may happen there to reader, card and portal."""

import contextlib
import signal
import threading

from reader_bridge.words.error_sentences import ERRORS
from reader_bridge.words.sentences import SENTENCES
from tests.bridge.fake_portal import DIGITS, FakePortal
from tests.pcsc.desk.conversations import PROMPT, Silent, children, silenced, timed, verified
from tests.waiting import wait_until

STATES = (
    "waiting for a reader",
    "waiting for a card",
    "reader choice",
    "reading",
    "PIN prompt",
    "PIN being verified",
    "signing",
    "telling the page",
    "sending the result",
)


class SlowPortal(FakePortal):
    """Hears every call, and answers claims always, the others while `speaks` is set."""

    def __init__(self):
        self.speaks = threading.Event()
        self.speaks.set()
        super().__init__()
        self._server.handle_error = lambda *_: None  # a bridge that no longer waits

    def answer(self, path, headers, body):
        reply = super().answer(path, headers, body)
        if not path.endswith("/claims"):
            self.speaks.wait(60)
        return reply

    def close(self):
        self.speaks.set()
        super().close()


class Scene:
    """Each method is a state of the conversation or a step of an event; docs/field-cases.md calls them so."""

    def __init__(self, daemon, portal, begin, mine, theirs):
        self.daemon, self.portal, self.begin = daemon, portal, begin
        self.mine, self.theirs = mine, theirs
        self.lies_there, self.silent, self.terminal = None, None, None
        self.typed, self._stopped = [], contextlib.ExitStack()

    def bring_to(self, state):
        getattr(self, state.replace(" ", "_"))()

    def let(self, step):
        """Have something happen, and only then the card go on that has kept the state."""
        getattr(self, step.replace(" ", "_"))()
        self.let_card_go()

    def says(self, code):
        """Return the seconds until the sentence is said."""
        return timed(self.terminal, (ERRORS | SENTENCES)[code].en)

    def arrives_at(self, state):
        if state == "PIN prompt":
            self.terminal.wait(f"PIN tries left: {self.lies_there.tries_left}")
        elif state == "digits":
            self.terminal.wait(DIGITS)

    def ends(self, state):
        """End the conversation well from where it is: the right PIN, or a signal; return its exit code."""
        started = children(self.terminal)
        if state == "PIN prompt":
            self.portal_answers()
            self.terminal.answer(PROMPT, "1234")
        elif state.startswith("waiting"):
            self.terminal.send(signal.SIGTERM)
        code = self.terminal.end()
        wait_until(lambda: not any(each.exists() for each in started))
        assert "Traceback" not in self.terminal.shown
        return code

    def close(self):
        self._stopped.close()
        self.let_card_go()

    def let_card_go(self):
        if self.silent:
            self.silent.go_on.set()

    @property
    def sent(self):
        """Return how many PINs the cards were sent."""
        return verified(self.mine) + verified(self.theirs)

    # states

    def waiting_for_a_reader(self):
        self.daemon.restart(with_reader=False)
        self.terminal = self.begin()
        self.says("no-reader")

    def waiting_for_a_card(self):
        self.terminal = self.begin()
        self.says("no-card")

    def reading(self):
        self._silent("00B0")
        self.card_put_in()
        self.terminal = self.begin()
        assert self.silent.reached.wait(30)

    def PIN_prompt(self):  # noqa: N802 (as the table calls it)
        self.card_put_in()
        self.terminal = self.begin()
        self.terminal.wait(PROMPT)

    def PIN_being_verified(self):  # noqa: N802
        self.PIN_prompt()
        self._silent("0020008004")
        self.wrong_PIN_typed()
        assert self.silent.reached.wait(30)

    def signing(self):
        self.PIN_prompt()
        self._silent("802A")
        self.right_PIN_typed()
        assert self.silent.reached.wait(30)

    def sending_the_result(self):
        self.PIN_prompt()
        self.portal_falls_silent()
        self.right_PIN_typed()
        wait_until(lambda: self.portal.tokens)

    def reader_choice(self):
        self.daemon.insert(self.theirs, slot=1)
        self.card_put_in()
        self.terminal = self.begin()
        self.says("choose-reader")

    def telling_the_page(self):
        self.portal_falls_silent()
        self.waiting_for_a_card()
        wait_until(lambda: self.portal.failures)

    def _silent(self, command):
        self.silent = Silent(self.mine, command)

    # steps

    def reader_unplugged(self):
        self.daemon.restart(with_reader=False)

    def reader_plugged_in(self):
        self.daemon.restart()
        self._put_back()

    def card_put_in(self):
        self.lies_there = self.daemon.insert(self.mine)

    def card_taken_out(self):
        self.daemon.remove()
        self.lies_there = None

    def another_put_in(self):
        self.lies_there = self.daemon.insert(self.theirs)

    def service_ended(self):
        self.daemon.stop()

    def service_started(self):
        self.daemon.start()
        self._put_back()

    def service_stopped(self):
        self._stopped.enter_context(silenced(self.daemon))

    def service_continued(self):
        self._stopped.close()

    def portal_falls_silent(self):
        self.portal.speaks.clear()

    portal_stays_silent = portal_falls_silent

    def portal_answers(self):
        self.portal.speaks.set()

    def right_PIN_typed(self):  # noqa: N802
        self._type("1234")

    def wrong_PIN_typed(self):  # noqa: N802
        self._type("9999")

    def _put_back(self):
        """Let the card lie in the reader as before."""
        if self.lies_there and self.daemon.with_reader:
            self.daemon.insert(self.lies_there)

    def _type(self, pin):
        self.typed.append(pin)
        self.terminal.type(pin)
