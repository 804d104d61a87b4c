"""A citizen before the bridge: agrees, types the PIN, and notes what was shown."""


class CitizenUI:
    def __init__(self, pin):
        self.pin, self.shown, self.url, self.code, self.code_for = pin, [], None, None, None

    def confirm_new_origin(self, origin):
        self.shown.append(("new-origin", origin))
        return True

    def reading(self):
        pass

    def claimed(self, claim):
        pass

    def sending(self):
        pass

    def problem(self, code):
        self.shown.append(("problem", code))

    def choose_reader(self, names):
        return names[0]

    def ask_pin(self, consent):
        self.shown.append(("consent", consent.purpose, dict(consent.parameters)))
        return self.pin

    def confirm_last_try(self, consent):  # noqa: ARG002
        return False

    def completion_url(self, url):
        self.url = url
        self.shown.append(("url", url))

    def completion_code(self, code, origin):
        self.code, self.code_for = code, origin

    def failed(self, code):
        self.shown.append(("failed", code))

    def stopped(self):
        return False
