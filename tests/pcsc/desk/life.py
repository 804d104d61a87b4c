"""A random life of reader, cards and service during one conversation, and the person who types meanwhile."""

import time

from tests.pcsc.desk.conversations import PROMPT, Answering, children

QUESTION = "Send this PIN?"
RIGHT = "1234"
LIMIT = 40.0  # seconds from the last event to the end


class Life:
    """`log` tells what happened, `typed` the PINs, `started` the processes that spoke to PC/SC."""

    def __init__(self, scene, random):
        self.scene, self.random = scene, random
        self.log, self.typed, self.prompts, self.questions = [], [], 0, 0
        self.refused, self.started = False, set()
        slowness = random.choice((0, 0.02, 0.1))
        for card in (scene.mine, scene.theirs):
            Answering(card, "", lambda _, answer: (time.sleep(slowness), answer)[1])

    def goes_on(self, steps):
        """Have so many things happen at random moments; return whether the conversation still goes on."""
        if self.random.random() < 0.5:
            self.scene.card_put_in()
        self.scene.terminal = self.scene.begin()
        for _ in range(steps):
            name = self.random.choice(self._possible())
            self.log.append(name)
            getattr(self, name)() if hasattr(self, name) else getattr(self.scene, name)()
            self.started.update(children(self.scene.terminal))
            if not self.scene.terminal.listen(self.random.choice((0, 0.05, 0.3))):
                return False
        return True

    def settles(self):
        """Put everything right and type what is asked; return whether it came to an end in time."""
        if not self.scene.daemon.with_reader:
            self.scene.reader_plugged_in()
        if self.scene.lies_there is None:
            self.scene.card_put_in()
        end = time.monotonic() + LIMIT
        while self.scene.terminal.listen(0.1):
            self._answer(RIGHT, "y")
            self.started.update(children(self.scene.terminal))
            if time.monotonic() > end:
                return False
        return True

    def _possible(self):
        reader = ["reader_unplugged", "card_put_in", "another_put_in", "card_taken_out"]
        typing = ["type_right", "type_wrong", "type_wrong", "type_wrong"] if self._asked() else []
        always = ["restart", "pause", *typing]
        return always + (reader if self.scene.daemon.with_reader else ["reader_plugged_in"] * 4)

    def restart(self):
        self.scene.service_ended()
        self.scene.terminal.listen(self.random.choice((0, 0.5)))
        self.scene.service_started()

    def pause(self):
        self.scene.terminal.listen(1.0)

    def type_right(self):
        self._answer(RIGHT, "y")

    def type_wrong(self):
        self._answer(f"{self.random.randrange(2000, 10000)}", self.random.choice("yyyn"))

    def _asked(self):
        """Return what is asked for and not answered yet, if anything is."""
        shown = self.scene.terminal.shown
        if shown.count(QUESTION) > self.questions:
            return QUESTION
        return PROMPT if shown.count(PROMPT) > self.prompts else None

    def _answer(self, pin, word):
        asked, terminal = self._asked(), self.scene.terminal
        if asked == QUESTION:
            self.questions += 1
            self.refused |= word == "n"
            terminal.type(word)
        elif asked == PROMPT:
            self.prompts += 1
            self.typed.append(pin)
            self.log.append(pin)
            terminal.type(pin)
