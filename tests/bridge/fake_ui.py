"""A citizen for tests: answers what was laid down, and notes everything shown."""


class FakeUI:
    """`pins` are typed in turn; one that is a function is called and gives what is typed."""

    def __init__(self, *pins, agrees=True, takes_last_try=True, chooses=(), patience=50):
        self._pins = iter(pins)
        self._agrees, self._takes_last_try, self._chooses = agrees, takes_last_try, iter(chooses)
        self._patience = patience
        self.new_origins, self.problems, self.consents, self.last_tries = [], [], [], []
        self.choices, self.codes, self.urls, self.failures = [], [], [], []
        self.claims, self.sent = [], False

    def confirm_new_origin(self, origin):
        self.new_origins.append(origin)
        return self._agrees

    def claimed(self, claim):
        self.claims.append(claim)

    def problem(self, code):
        self.problems.append(code)

    def reading(self):
        self.problems.append("reading")

    def reached(self, origin):
        self.reached_origins = [origin]

    def choose_reader(self, names):
        self.choices.append(list(names))
        return next(self._chooses)

    def ask_pin(self, consent):
        self.consents.append(consent)
        typed = next(self._pins)
        return typed() if callable(typed) else typed

    def confirm_last_try(self, consent):
        self.last_tries.append(consent)
        return self._takes_last_try

    def sending(self):
        self.sent = True

    def completion_code(self, code, origin):
        self.codes.append((code, origin))

    def completion_url(self, url):
        self.urls.append(url)

    def failed(self, code):
        self.failures.append(code)

    def stopped(self):
        self._patience -= 1
        return self._patience < 0
