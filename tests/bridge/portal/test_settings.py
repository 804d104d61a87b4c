import pytest

from reader_bridge.conversation.session import converse
from reader_bridge.errors import Cancelled, OriginNotAllowed
from reader_bridge.portal.client import PortalClient
from reader_bridge.portal.origin import Origin
from reader_bridge.portal.settings import (
    Origins,
    Settings,
    SettingsMalformed,
    load_settings,
    remember_origin,
    runtime_folder,
    settings_path,
)
from tests.bridge.fake_portal import HANDLE
from tests.bridge.fake_ui import FakeUI

EXAMPLE = Origin.parse("https://id.example.jp")
PIN = "sha256//" + "A" * 43 + "="


@pytest.fixture
def files(tmp_path):
    return tmp_path / "mykey" / "bridge.toml", tmp_path / "administrator.toml"


def written(path, text):
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")


def test_without_any_file_nothing_is_known(files):
    assert load_settings(*files) == Settings()


def test_every_setting_is_read(files):
    written(
        files[0],
        f"""
        known_origins = ["https://id.example.jp"]
        http_origins = ["http://[::1]:5000"]
        locked = false
        trust = "/etc/ssl/private-authority.pem"
        language = "en"
        [pins]
        "https://id.example.jp" = ["{PIN}"]
        """,
    )
    settings = load_settings(*files)
    assert settings.known_origins == {"https://id.example.jp"}
    assert settings.http_origins == {"http://[::1]:5000"}
    assert settings.pins == {"https://id.example.jp": {PIN}}
    assert (str(settings.trust), settings.language) == ("/etc/ssl/private-authority.pem", "en")


@pytest.mark.parametrize(
    "text",
    [
        *("known_origins = 'https://id.example.jp'", "known_origins = ['https://id.example.jp/']", "locked = 'yes'"),
        *(
            "http_origins = [1]",
            "language = 'fr'",
            "unheard_of = 1",
            "no toml",
            "[pins]\n'https://id.example.jp' = ['x']",
        ),
        *("[pins]\n'https://id.example.jp' = []", "[pins]\n'https://id.example.jp' = 7", "\N{NULL}"),
    ],
)
def test_a_file_that_is_wrong_is_said_to_be_and_not_half_taken(files, text):
    written(files[0], text)
    with pytest.raises(SettingsMalformed, match=r"bridge\.toml"):
        load_settings(*files)


def test_the_administrators_file_wins(files):
    written(files[0], f'language = "en"\n[pins]\n"https://id.example.jp" = ["{PIN.replace("A", "B")}"]\n')
    written(files[1], f'language = "ja"\n[pins]\n"https://id.example.jp" = ["{PIN}"]\n')
    settings = load_settings(*files)
    assert (settings.language, settings.pins["https://id.example.jp"]) == ("ja", {PIN})


def test_a_list_the_administrator_locked_forgets_the_citizens(files):
    written(files[0], 'known_origins = ["https://a.example"]\nhttp_origins = ["http://localhost:1"]\nlocked = false\n')
    written(files[1], 'known_origins = ["https://id.example.jp"]\nlocked = true\n')
    origins = Origins(load_settings(*files))
    origins.permit(EXAMPLE)
    for refused in ("https://a.example", "http://localhost:1"):
        with pytest.raises(OriginNotAllowed):
            origins.permit(Origin.parse(refused))


@pytest.mark.parametrize("administrators", ["", "locked = false\n"])
def test_the_citizen_can_lock_the_list_and_keeps_the_administrators_portals(files, administrators):
    written(files[0], 'known_origins = ["https://a.example"]\nlocked = true\n')
    written(files[1], administrators + 'known_origins = ["https://id.example.jp"]\n')
    origins = Origins(load_settings(*files))
    for permitted in (EXAMPLE, Origin.parse("https://a.example")):
        origins.permit(permitted)
    with pytest.raises(OriginNotAllowed):
        origins.permit(Origin.parse("https://b.example"))


@pytest.mark.parametrize("text", ["", "locked = false\n"])
def test_a_list_nobody_locked_is_open(files, text):
    written(files[0], text)
    written(files[1], text)
    Origins(load_settings(*files)).permit(EXAMPLE)


def test_http_is_refused_unless_named():
    loopback = Origin.parse("http://127.0.0.1:5000")
    with pytest.raises(OriginNotAllowed):
        Origins(Settings(known_origins=frozenset({str(loopback)}))).permit(loopback)
    Origins(Settings(http_origins=frozenset({str(loopback)}))).permit(loopback)


@pytest.mark.parametrize(
    "before",
    ["", "# mine\nlanguage = 'ja'\n", f'known_origins = ["{EXAMPLE}"] # home\npins."https://a.example" = ["{PIN}"]\n'],
)
def test_an_origin_is_remembered_and_the_citizens_file_is_left_alone(files, before):
    written(files[0], before)
    earlier = load_settings(*files)
    for origin in ("https://b.example", "http://[::1]:1"):
        remember_origin(files[0], Origin.parse(origin))
    later = load_settings(*files)
    assert later.known_origins == earlier.known_origins | {"https://b.example", "http://[::1]:1"}
    assert (later.language, later.pins) == (earlier.language, earlier.pins)
    assert files[0].read_text("utf-8") == before


def test_what_the_citizen_said_yes_to_stays_when_the_list_is_locked(files):
    remember_origin(files[0], EXAMPLE)
    written(files[0], "locked = true\n")
    assert load_settings(*files).known_origins == {str(EXAMPLE)}


def test_the_administrators_lock_forgets_it(files):
    remember_origin(files[0], EXAMPLE)
    written(files[1], "locked = true\n")
    assert load_settings(*files).known_origins == frozenset()


@pytest.mark.parametrize(
    "text", ["{", "{}x", '"https://id.example.jp"', "[1]", '["ftp://a.example"]', "[null]", "\ufeff[]"]
)
def test_a_file_of_remembered_portals_that_is_none_is_told(files, text):
    remember_origin(files[0], EXAMPLE)
    written(files[0].with_name("known-portals.json"), text)
    for act in (lambda: load_settings(*files), lambda: remember_origin(files[0], EXAMPLE)):
        with pytest.raises(SettingsMalformed, match=r"known-portals\.json"):
            act()


def test_the_settings_file_can_be_named_by_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("MYKEY_BRIDGE_SETTINGS", str(tmp_path / "my.toml"))
    assert settings_path() == tmp_path / "my.toml"
    monkeypatch.delenv("MYKEY_BRIDGE_SETTINGS")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert settings_path() == tmp_path / "mykey" / "bridge.toml"


def test_a_new_portal_is_asked_about_before_any_network_and_no_means_no(portal, readers, files):
    ui = FakeUI(agrees=False)
    origins = Origins(Settings(http_origins=frozenset({portal.origin})), files[0])
    with pytest.raises(Cancelled):
        converse(PortalClient(Origin.parse(portal.origin)), readers, ui, origins=origins, handle=HANDLE)
    assert (ui.new_origins, ui.failures, portal.calls) == ([portal.origin], ["cancelled"], [])
    assert not files[0].parent.exists()


def test_a_portal_agreed_to_is_not_asked_about_again(portal, readers, files):
    ui = FakeUI("4071", "4071")
    for _ in range(2):
        origins = Origins(load_settings(*files).over(Settings(http_origins=frozenset({portal.origin}))), files[0])
        converse(PortalClient(Origin.parse(portal.origin)), readers, ui, origins=origins, handle=HANDLE)
    assert (ui.new_origins, len(ui.urls)) == ([portal.origin], 2)


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o720])
def test_a_folder_in_which_others_write_holds_no_lock_and_no_socket(monkeypatch, tmp_path, mode):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert runtime_folder() == tmp_path
    tmp_path.chmod(mode)
    assert runtime_folder() == settings_path().parent
