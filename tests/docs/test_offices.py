"""The policies that docs/offices.md hands out are JSON, and name the bridge's links."""

import json
import re
from pathlib import Path

from reader_bridge.portal.launch_link import SCHEME

BLOCKS = re.findall(r"^```json\n(.*?)^```", Path("docs/offices.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)


def test_each_policy_opens_the_bridge_for_the_one_portal():
    rule = [{"protocol": SCHEME, "allowed_origins": ["https://id.example.jp"]}]
    chrome = {"AutoLaunchProtocolsFromOrigins": rule}
    assert [json.loads(block) for block in BLOCKS] == [chrome, rule, chrome, {"policies": chrome}]
