from tests.e2e.staff import portal  # noqa: F401 (a fixture)
