import json
import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parents[1] / "portal" / "templates"
PAGES = sorted(TEMPLATES.rglob("*.html"))
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|\shx-on|javascript:|\s\|\s*safe\b")
FROWNED_UPON = re.compile(r"\splaceholder=|\sdisabled\b|\sreadonly\b|\stabindex=\"[1-9]")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(TEMPLATES).as_posix())
def test_template_keeps_to_the_policy_and_the_design_system(page):
    text = page.read_text(encoding="utf-8")
    assert INLINE.findall(text) == []
    assert FROWNED_UPON.findall(text) == []


def test_htmx_is_told_to_run_under_the_policy():
    settings = json.loads((TEMPLATES / "layout" / "_htmx_config.json").read_text())
    assert not settings["allowEval"]
    assert not settings["includeIndicatorStyles"]
    assert settings["historyCacheSize"] == 0


def test_htmx_swaps_a_form_that_was_refused():
    rules = json.loads((TEMPLATES / "layout" / "_htmx_config.json").read_text())["responseHandling"]
    assert next(rule for rule in rules if re.search(rule["code"], "422"))["swap"]
    assert not next(rule for rule in rules if re.search(rule["code"], "503"))["swap"]
