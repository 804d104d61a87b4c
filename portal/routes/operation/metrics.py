"""The day's figures for a Prometheus server, which brings the operator's token."""

from collections.abc import Iterator

from flask import Blueprint
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import CollectorRegistry, CounterMetricFamily, GaugeMetricFamily, Metric

from portal.domain.figures import Counted
from portal.services.operation.day import Day
from portal.transactions import reading
from portal.web.access import metrics_reader, services

bp = Blueprint("metrics", __name__)


@bp.get("/metrics")
@metrics_reader
def show(_: None) -> tuple[bytes, dict[str, str]]:
    """Tell the figures; those of acts begin anew at midnight in Japan, which Prometheus takes for a restart."""
    registry = CollectorRegistry(auto_describe=False)
    with reading(services().database):
        registry.register(Figures(services().day))
        return generate_latest(registry), {"Content-Type": CONTENT_TYPE_LATEST}


class Figures:
    """What one look finds; a provider is named by its ID, and a person not at all."""

    def __init__(self, day: Day) -> None:
        self._day = day

    def collect(self) -> Iterator[Metric]:
        yield from self._acts()
        yield from self._terminals()
        yield from self._outboxes()
        yield from self._people_and_issuers()
        storage = self._day.storage()
        yield GaugeMetricFamily("mykey_disk_free_bytes", "Room on the disk where least is free", storage.free)
        yield GaugeMetricFamily("mykey_database_bytes", "Size of the database", storage.database)
        if storage.backup:
            made_at = storage.backup.timestamp()
            yield GaugeMetricFamily("mykey_backup_timestamp_seconds", "When the newest backup was made", made_at)

    def _acts(self) -> Iterator[Metric]:
        acts = CounterMetricFamily("mykey_acts", "Acts since midnight in Japan", labels=["provider", "what"])
        refusals = CounterMetricFamily(
            "mykey_refusals", "Refusals since midnight in Japan", labels=["provider", "code"]
        )
        for row in self._day.figures.today_by_provider():
            refused = row.what == Counted.REFUSED
            family, why = (refusals, row.code) if refused else (acts, row.what)
            family.add_metric([row.service_provider_id, why], row.times)
        yield from (acts, refusals)

    def _terminals(self) -> Iterator[Metric]:
        family = GaugeMetricFamily("mykey_terminals", "Terminals at work", labels=["provider", "state"])
        for each in self._day.figures.terminal_counts():
            family.add_metric([each.service_provider_id, "present"], each.present)
            family.add_metric([each.service_provider_id, "away"], each.all - each.present)
        yield family

    def _outboxes(self) -> Iterator[Metric]:
        help_text = "Messages to business systems that were not taken"
        family = GaugeMetricFamily("mykey_webhook_messages", help_text, labels=["provider", "state"])
        for each in self._day.outboxes():
            for state in ("waiting", "overdue", "given_up"):
                family.add_metric([each.service_provider_id, state], getattr(each, state))
        yield family

    def _people_and_issuers(self) -> Iterator[Metric]:
        expiring, issuers = self._day.expiring(), self._day.issuers()
        family = GaugeMetricFamily("mykey_certificates_expiring", "Certificates of people", labels=["within_days"])
        family.add_metric(["30"], expiring.soon)
        family.add_metric(["90"], expiring.later)
        yield family
        ends = GaugeMetricFamily("mykey_authority_expiry_timestamp_seconds", "End of an authority", labels=["file"])
        lists = GaugeMetricFamily("mykey_list_expiry_timestamp_seconds", "End of its revocation list", labels=["file"])
        for each in issuers:
            file = each.authority.file.encode(errors="backslashreplace").decode()  # it may be no UTF-8
            if each.authority.not_after:
                ends.add_metric([file], each.authority.not_after.timestamp())
            if each.known_until:
                lists.add_metric([file], each.known_until.timestamp())
        yield from (ends, lists)
