"""A card that gives the answers it was told to, one after the other."""


class ScriptedCard:
    def __init__(self, *answers):
        self.answers = [bytes.fromhex(answer) if isinstance(answer, str) else answer for answer in answers]
        self.heard = []

    def transmit(self, command):
        self.heard.append(command.hex().upper())
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def power_off(self):
        pass
