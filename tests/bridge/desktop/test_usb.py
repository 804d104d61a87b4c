"""Readers on USB that PC/SC does not show."""

import pytest

from reader_bridge.desktop.doctor import examine_usb
from reader_bridge.desktop.usb import usb_readers


def plug(folder, name, **files):
    for file, text in files.items():
        (folder / name).mkdir(exist_ok=True, parents=True)
        (folder / name / file).write_text(text + "\n")


def with_interface(folder, name, number):
    (folder / name / f"{name}:1.0").mkdir()
    (folder / name / f"{name}:1.0" / "bInterfaceClass").write_text(number + "\n")


@pytest.mark.parametrize(
    ("vendor", "product", "interface", "code", "detail"),
    [
        ("054c", "06c3", "ff", "rc-s380", ""),
        ("072f", "b100", "0b", "driver-missing", "libacsccid1"),
        ("072f", "2200", "0b", "pn533", ""),
        ("1234", "5678", "0b", "driver-missing", "libccid"),
    ],
)
def test_a_reader_on_usb_that_pcsc_does_not_show_is_named_with_its_driver(
    tmp_path, vendor, product, interface, code, detail
):
    plug(tmp_path, "1-1", idVendor=vendor, idProduct=product, manufacturer="Maker", product="Reader X")
    with_interface(tmp_path, "1-1", interface)
    plug(tmp_path, "1-2", idVendor="046d", idProduct="c31c", product="Keyboard")
    [finding] = examine_usb([], usb_readers(tmp_path))
    assert (finding.subject, finding.code, finding.detail, finding.good) == ("Maker Reader X", code, detail, False)


def test_a_reader_that_pcsc_shows_is_not_missing(tmp_path):
    plug(tmp_path, "1-1", idVendor="1234", idProduct="5678", product="Virtual reader")
    with_interface(tmp_path, "1-1", "0b")
    assert list(examine_usb(["Virtual reader 00 00"], usb_readers(tmp_path))) == []


def test_a_computer_without_usb_has_none(tmp_path):
    assert list(usb_readers(tmp_path / "nothing")) == []
