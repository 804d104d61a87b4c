import pytest

from demo.virtual_card import Quirks
from demo.virtual_card.readers import VirtualReaders
from reader_bridge import errors
from reader_bridge.card.jpki import Jpki


def read_and_sign(readers):
    connection = readers.list()[0].connect()
    try:
        jpki = Jpki(connection)
        jpki.select()
        jpki.certificate()
        jpki.tries_left()
        jpki.verify_pin("1234")
        return jpki.sign(bytes(32))
    finally:
        connection.power_off()


@pytest.mark.parametrize("answers", range(1, 13))
def test_a_card_pulled_out_is_told_wherever_it_happens(issued, answers):
    card = issued.card()
    readers = VirtualReaders()
    readers.insert(card)
    card.remove_after(answers)
    with pytest.raises(errors.CardRemoved):
        read_and_sign(readers)
    assert card.tries_left == 3
    with pytest.raises(errors.NoCard):
        readers.list()[0].connect()


def test_the_whole_takes_thirteen_commands(issued):
    card = issued.card()
    readers = VirtualReaders()
    readers.insert(card)
    read_and_sign(readers)
    assert len(card.trace) == 2 + -(-len(issued.certificate) // 256) + 5 == 13
    assert card.power_offs == 1


def test_readers_are_told_by_name_and_keep_their_cards(issued):
    readers = VirtualReaders("one", "two")
    readers.insert(issued.card(), "two")
    assert [reader.name for reader in readers.list()] == ["one", "two"]
    with pytest.raises(errors.NoCard):
        readers.list()[0].connect()
    readers.list()[1].connect()


def test_a_card_put_in_after_the_list_is_found(issued):
    readers = VirtualReaders()
    reader = readers.list()[0]
    readers.insert(issued.card())
    reader.connect()


def test_another_card_in_the_reader_is_not_taken_for_the_first(issued):
    readers = VirtualReaders()
    readers.insert(issued.card())
    connection = readers.list()[0].connect()
    readers.insert(issued.card())
    with pytest.raises(errors.CardRemoved):
        connection.transmit(b"")


def test_what_is_wrong_with_a_reader_is_told(issued):
    readers = VirtualReaders()
    readers.insert(issued.card(quirks=Quirks(mute=True)))
    with pytest.raises(errors.CardUnreadable):
        readers.list()[0].connect()
    readers.busy = True
    with pytest.raises(errors.ReaderBusy):
        readers.list()[0].connect()
    readers.service_stopped = True
    with pytest.raises(errors.NoService):
        readers.list()
    readers.service_stopped = False
    readers.unplug()
    with pytest.raises(errors.NoReader):
        readers.list()
    readers.plug_in("another")
    assert len(readers.list()) == 1
