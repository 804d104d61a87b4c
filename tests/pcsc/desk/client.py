"""A program that uses our bridge over PC/SC, one step a line; a process, for pyscard finds its daemon once."""

import importlib
import json
import sys

from reader_bridge.card.jpki import Jpki
from reader_bridge.errors import BridgeError
from reader_bridge.readers.pcsc import PcscReaders


class Client:
    def __init__(self):
        self.readers = PcscReaders()

    def list(self):
        self.listed = self.readers.list()
        return [reader.name for reader in self.listed]

    def connect(self):
        self.connection = self.listed[0].connect()
        self.jpki = Jpki(self.connection)

    def select(self):
        self.jpki.select()

    def certificate(self):
        return self.jpki.certificate().hex()

    def authority_certificate(self):
        return self.jpki.authority_certificate().hex()

    def tries_left(self):
        return self.jpki.tries_left()

    def verify_pin(self, pin):
        self.jpki.verify_pin(pin)

    def sign(self, digest):
        return self.jpki.sign(bytes.fromhex(digest)).hex()

    def power_off(self):
        self.connection.power_off()

    def keep_open(self):
        """Do what a browser with a smart-card module does: connect, shared, and stay."""
        pcsc = importlib.import_module("smartcard.scard")
        _, self.context = pcsc.SCardEstablishContext(pcsc.SCARD_SCOPE_USER)
        code, self.card, _ = pcsc.SCardConnect(
            self.context, self.listed[0].name, pcsc.SCARD_SHARE_SHARED, pcsc.SCARD_PROTOCOL_T1
        )
        return code


def main():
    client = Client()
    for line in sys.stdin:
        name, *arguments = line.split()
        try:
            answer = {"answer": getattr(client, name)(*arguments)}
        except BridgeError as problem:
            answer = {"problem": problem.code, "text": str(problem)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
