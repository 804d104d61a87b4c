"""The compose file of deploy/container, as far as it can be looked at where nothing runs: what it names is there."""

import re
from pathlib import Path

import yaml

from portal.config import Settings
from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)

FOLDER = Path(__file__).parents[2] / "deploy/container"
COMPOSED = yaml.safe_load((FOLDER / "compose.yaml").read_text("utf-8"))
SERVICES = COMPOSED["services"]
PORTAL = SERVICES["portal"]
IMAGE = (FOLDER / "Containerfile").read_text("utf-8")
VOLUMES = [
    (name, re.sub(r"\$\{\w+:-(.*?)\}", r"\1", volume).split(":"))
    for name, service in SERVICES.items()
    for volume in service["volumes"]
]


def test_each_image_is_built_here_or_has_its_whole_name():
    for name, service in SERVICES.items():
        if "build" not in service:
            assert re.fullmatch(r"docker\.io/library/[a-z]+:[0-9]+", service["image"]), name
    built = FOLDER / PORTAL["build"]["context"]
    assert (built / "pyproject.toml").exists()
    assert (built / PORTAL["build"]["dockerfile"]).samefile(FOLDER / "Containerfile")


def test_what_the_image_copies_is_there():
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", IMAGE, re.MULTILINE)
    missing = [each for line in copied for each in line.split() if not (FOLDER / "../.." / each).exists()]
    assert (len(copied), missing) == (2, [])


def test_each_name_is_a_setting():
    settings = {f"MYKEY_{name.upper()}" for name in Settings.model_fields} | {"MYKEY_CONFIG"}
    named = {name for service in SERVICES.values() for name in service.get("environment", {}) if "MYKEY" in name}
    of_the_image = set(re.findall(r"\b(MYKEY_\w+)=", IMAGE))
    assert named > {"MYKEY_LISTEN"}
    assert of_the_image > {"MYKEY_LISTEN"}
    assert (named | of_the_image) - settings == set()


def test_each_volume_is_declared_and_each_file_is_there():
    named = {source for _, (source, *_) in VOLUMES if "/" not in source}
    assert named == set(COMPOSED["volumes"])
    assert [source for _, (source, *_) in VOLUMES if "/" in source and not (FOLDER / source).is_file()] == []


def test_what_the_portal_writes_is_in_volumes():
    """Hold the image's folders, its settings and the volumes together: the root cannot be written."""
    places = {place for name, (_, place, *_) in VOLUMES if name == "portal"}
    assert PORTAL["read_only"]
    assert f"VOLUME {sorted(places, reverse=True)}".replace("'", '"') in IMAGE
    for name in ("INSTANCE", "BACKUPS"):
        [folder] = re.findall(rf"MYKEY_{name}=(\S+)", IMAGE)
        assert folder in places


def test_the_proxy_and_the_health_check_ask_where_the_portal_listens(app):
    listens = PORTAL["environment"]["MYKEY_LISTEN"]
    [(place, path)] = re.findall(r"HEALTHCHECK .*http://([^/]+)(/\w+)", IMAGE)
    proxy = (FOLDER / "../proxy/Caddyfile").read_text("utf-8")
    assert (place, f"reverse_proxy {listens} {{" in proxy) == (listens, True)
    assert app.test_client().get(path).status_code == 200
    assert PORTAL["network_mode"].removeprefix("service:") in SERVICES
