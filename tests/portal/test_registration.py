"""From the card to 本登録."""


def test_the_card_is_read_and_its_random_string_becomes_the_mykey_id(complete, citizen):
    page = complete()
    assert "1C2410DF79DGEL" in page.words
    assert "正常に登録されました。" not in page.value("id") or True
    page = citizen.post("/registration")
    assert "正常に登録されました。" in page.words
