from datetime import date

import pytest

from portal.domain.formats.japanese_date import japanese_date

DAYS = {
    date(2020, 6, 1): "令和2年6月1日",
    date(2015, 7, 9): "平成27年7月9日",
    date(2019, 5, 1): "令和元年5月1日",
    date(2019, 4, 30): "平成31年4月30日",
    date(1989, 1, 8): "平成元年1月8日",
    date(1989, 1, 7): "昭和64年1月7日",
    date(1926, 12, 25): "昭和元年12月25日",
    date(1912, 7, 30): "大正元年7月30日",
    date(1912, 7, 29): "明治45年7月29日",
    date(1873, 1, 1): "明治6年1月1日",
    date(1872, 12, 31): "1872年12月31日",
    date(1, 1, 1): "1年1月1日",
    date(9999, 12, 31): "令和7981年12月31日",
}


@pytest.mark.parametrize(("day", "written"), DAYS.items(), ids=str)
def test_a_day_has_the_era_of_itself(day, written):
    assert japanese_date(day) == written
