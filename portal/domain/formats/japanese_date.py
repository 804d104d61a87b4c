"""Dates in Japan: its time, and 和暦 by the era of the day itself."""

from datetime import date, timedelta, timezone

JST = timezone(timedelta(hours=9), "JST")
ERAS = (
    (date(2019, 5, 1), "令和"),
    (date(1989, 1, 8), "平成"),
    (date(1926, 12, 25), "昭和"),
    (date(1912, 7, 30), "大正"),
    (date(1873, 1, 1), "明治"),
)  # 明治 from the day on which Japan took up this calendar, in its sixth year
MEIJI_1 = 1868


def japanese_date(day: date) -> str:
    """Write a day as 令和2年6月1日, the first year of an era as 元年, a day before the eras in 西暦."""
    for first, era in ERAS:
        if day >= first:
            year = day.year - (MEIJI_1 if era == "明治" else first.year) + 1
            return f"{era}{'元' if year == 1 else year}年{day.month}月{day.day}日"
    return f"{day.year}年{day.month}月{day.day}日"
