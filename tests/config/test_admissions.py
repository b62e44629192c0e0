"""Who gets one of the connections, and who gives way."""

import pytest

from willing.config.admissions import Admissions, NotAdmitted, Phase, address_of
from willing.config.server_limits import ServerLimits

LIMITS = ServerLimits(connections_max=6, unknown_an_address_max=3)
TILL, ATTACKER, PROXY = "10.0.0.1", "10.0.0.2", "10.0.0.9"


class Line:
    """A connection as `Admissions` sees one."""

    def __init__(self, address: str, phase: Phase = Phase.READING_HEADER, since: float = 0.0) -> None:
        self.address, self.phase, self.since = address, phase, since
        self.is_known = self.is_proxied = self.has_given_way = False

    def give_way(self) -> None:
        self.has_given_way = True


@pytest.fixture
def admissions() -> Admissions:
    return Admissions(LIMITS, [PROXY])


def admitted(admissions: Admissions, *lines: Line) -> list[Line]:
    for line in lines:
        admissions.admit(line)
    return list(lines)


def test_an_address_that_nobody_is_known_at_holds_so_many_connections_and_no_more(
    admissions: Admissions,
) -> None:
    admitted(admissions, *(Line(ATTACKER) for _ in range(3)))
    with pytest.raises(NotAdmitted) as refused:
        admissions.admit(Line(ATTACKER))
    assert refused.value.status == 429
    admitted(admissions, Line(TILL))


def test_a_connection_that_waits_for_nothing_gives_way_to_a_new_one_of_its_address(
    admissions: Admissions,
) -> None:
    first, second, _third = admitted(
        admissions, Line(TILL, Phase.IDLE, 1.0), Line(TILL, Phase.IDLE, 2.0), Line(TILL, Phase.WORKING)
    )
    admitted(admissions, Line(TILL))
    assert (first.has_given_way, second.has_given_way, len(admissions)) == (True, False, 3)


def test_a_till_that_has_been_answered_counts_no_longer_against_its_address(admissions: Admissions) -> None:
    for line in admitted(admissions, *(Line(TILL) for _ in range(3))):
        admissions.know(line)
        admissions.know(line)
    admitted(admissions, *(Line(TILL) for _ in range(3)))
    assert len(admissions) == 6


def test_where_all_are_taken_the_oldest_half_header_gives_way_before_a_till_that_rests(
    admissions: Admissions,
) -> None:
    (till,) = admitted(admissions, Line(TILL, Phase.IDLE))
    admissions.know(till)
    slow = admitted(
        admissions,
        *(Line(f"10.0.1.{number}", since=float(10 - number)) for number in range(4)),
        Line("10.0.2.1", Phase.READING_BODY),
    )
    admitted(admissions, Line(TILL))
    assert [line.has_given_way for line in slow] == [False, False, False, True, False]
    assert not till.has_given_way


def test_where_all_are_at_work_a_new_one_is_refused_by_name(admissions: Admissions) -> None:
    admitted(admissions, *(Line(f"10.0.1.{number}", Phase.WORKING) for number in range(6)))
    with pytest.raises(NotAdmitted) as refused:
        admissions.admit(Line(TILL))
    assert refused.value.status == 503


def test_a_proxy_limits_addresses_itself_and_has_as_many_connections_as_there_are(
    admissions: Admissions,
) -> None:
    lines = admitted(admissions, *(Line(PROXY) for _ in range(6)))
    assert all(line.is_proxied for line in lines)


def test_a_place_that_is_given_back_twice_is_one_place(admissions: Admissions) -> None:
    first, *_rest = admitted(admissions, *(Line(ATTACKER) for _ in range(3)))
    admissions.leave(first)
    admissions.leave(first)
    admitted(admissions, Line(ATTACKER))
    with pytest.raises(NotAdmitted):
        admissions.admit(Line(ATTACKER))


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("192.168.1.7", "192.168.1.7"),
        ("::ffff:192.168.1.7", "192.168.1.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::1"),
        ("", ""),
    ],
)
def test_whoever_has_a_whole_network_of_addresses_is_one_address(host: str, address: str) -> None:
    assert address_of(host) == address
