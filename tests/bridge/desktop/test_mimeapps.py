import pytest

from reader_bridge.desktop.mimeapps import with_default, without

KIND, ENTRY = "x-scheme-handler/mykey-bridge", "mykey-bridge.desktop"
MANY = """\
# kept by hand; mykey-bridge.desktop is named here too
[Added Associations]
text/plain=org.gnome.gedit.desktop;my own editor.desktop;

[Default Applications]
x-scheme-handler/https=firefox-esr.desktop
 odd line without a sign
text/html = firefox-esr.desktop;
[Removed Associations]
image/png=gimp.desktop;
"""


@pytest.mark.parametrize(
    "text",
    [
        "",
        MANY,
        MANY.replace("\n", "\r\n"),
        "[Added Associations]\na/b=c.desktop;\n",
        "[Default Applications]\nbytes/\udcff\udcfe=\x0b\u2028.desktop\n",
        "\n\n[Default Applications]\na/b=c.desktop\n\n\n[Default Applications]\na/b=d.desktop\n",
    ],
)
def test_what_is_taken_out_again_leaves_the_list_as_it_was(text):
    there = with_default(text, KIND, ENTRY)
    assert f"\n{KIND}={ENTRY};\n" in f"\n{there}"
    assert with_default(there, KIND, ENTRY) == there
    assert without(there, ENTRY) == text
    assert without(text, ENTRY) == text


def test_a_last_line_without_an_end_gets_one():
    assert with_default("[Added Associations]", KIND, ENTRY).splitlines()[:2] == [
        "[Added Associations]", "[Default Applications]",
    ]  # fmt: skip


def test_the_other_programs_for_the_link_come_after_and_stay():
    text = f"[Default Applications]\n{KIND}=theirs.desktop\n\n[Default Applications]\n{KIND} = {ENTRY};older.desktop;\n"
    there = with_default(text, KIND, ENTRY)
    assert there.count(KIND) == 1
    assert f"{KIND}={ENTRY};theirs.desktop;older.desktop;" in there
    assert f"{KIND}=theirs.desktop;older.desktop;" in without(there, ENTRY)


def test_lines_that_another_program_wrote_about_our_entry_go_too():
    text = f"[Added Associations]\n{KIND}={ENTRY};\n[Default Applications]\n{KIND}={ENTRY}\n"
    assert without(text, ENTRY) == "[Added Associations]\n"
