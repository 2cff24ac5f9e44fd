# SPDX-License-Identifier: GPL-2.0-or-later
"""pknockctl: who may pass, by an administrator's word."""

import ipaddress
import json
import re

import pytest

from harness.client import Client
from harness.firewall import Firewall
from harness.guest import MODULE, Guest
from harness.marks import NFT, V4_ONLY
from harness.net import V4
from harness.netns import Namespace
from harness.pknockctl import NOBODY, do, open_for, run
from harness.poll import until
from harness.spa_door import NAME, check_rule, door, knock_rule, passes, rule_set

# Exit statuses.
USAGE, NOT_LOADED, PERMISSION, NOT_FOUND, FILE = 2, 5, 6, 7, 9

SAVED, MANY = "/run/doors.json", "/run/many-doors.json"


# Lines of a terminal that has not told its size, but the first, which has the time.
SCREEN = 23


def watch(guest: Guest, pressed: str, *options: str, terminal: str = "xterm") -> str:
    """All that the screen shows while keys are pressed, by a shell's commands."""
    command = " ".join(["pknockctl watch", *options])
    return guest.run(f"({pressed}) | TERM={terminal} script -qec '{command}' /dev/null",
                     check=False).stdout


def host(client: Client) -> str:
    """The client's address with its whole prefix."""
    return f"{client.address}/{client.family.bits}"


@pytest.mark.spec("N1")
@NFT
def test_allow_opens_and_revoke_closes(firewall: Firewall, client: Client, guest: Guest) -> None:
    firewall.restore(door())
    other = guest.client(client.family)
    assert do(guest, "allow", NAME, client.address, "--ttl", "15m") == {
        "door": NAME, "target": client.address, "ttl": 900}
    assert passes(client) and not passes(other)
    ((source, left),) = open_for(guest, NAME).items()
    assert source == host(client) and 880 < left <= 900

    do(guest, "allow", NAME, client.address)
    assert open_for(guest, NAME) == {host(client): None}
    assert do(guest, "revoke", NAME, client.address)["revoked"] == [client.address]
    assert not passes(client)
    assert run(guest, "revoke", NAME, client.address).rc == NOT_FOUND


@pytest.mark.spec("N1")
@NFT
def test_prefix_is_the_rules_mask_or_the_administrators(firewall: Firewall, client: Client,
                                                        guest: Guest) -> None:
    bits = client.family.bits // 2
    mask = f"--mask {bits}"
    firewall.restore(rule_set(knock_rule(mask), check_rule(mask)))
    network = ipaddress.ip_network(f"{client.address}/{bits}", strict=False)
    do(guest, "allow", NAME, client.address)
    assert list(open_for(guest, NAME)) == [str(network)]
    neighbour = Client(guest.wire, client.family, str(network[99]))
    assert passes(client) and passes(neighbour)

    # One of another length is none that this rule sees; each is revoked by what covers it.
    do(guest, "allow", NAME, host(client))
    assert set(open_for(guest, NAME)) == {str(network), host(client)}
    do(guest, "revoke", NAME, str(network))
    assert not passes(client)
    do(guest, "allow", NAME, client.address)
    revoked = do(guest, "revoke", NAME, client.address)["revoked"]
    assert sorted(revoked) == sorted([str(network), client.address])
    assert open_for(guest, NAME) == {}


@pytest.mark.spec("N1")
@NFT
@V4_ONLY
def test_list_show_and_stats_agree(firewall: Firewall, client: Client, guest: Guest) -> None:
    firewall.restore(rule_set(
        "-p tcp -m pknock --knockports 2002,2001 --name SEQ -j DROP", knock_rule(), check_rule()))
    client.knock(2002)
    do(guest, "allow", NAME, client.address)

    doors = {entry["name"]: entry for entry in do(guest, "list")["doors"]}
    assert list(doors) == ["SEQ", NAME]
    assert {entry["name"]: entry["rules"] for entry in doors.values()} == {"SEQ": 1, NAME: 2}
    ((way,), (through,)) = (entry["peers"] for entry in doors.values())
    assert (way["state"], way["knocks"], way["protocol"]) == ("half-open", 1, "tcp")
    assert (through["state"], through["origin"], through["ttl"]) == ("open", "admin", None)
    assert [entry["peers"] for entry in do(guest, "list", "--open")["doors"]] == [[], [through]]
    assert do(guest, "show", NAME) == doors[NAME]
    assert do(guest, "stats", NAME)["doors"][0]["counters"]["opened"] == 1

    text = run(guest, "list").stdout
    head = f"{NAME}: open for 1, half-open for 0, in 2 rules\n"
    assert f"{head}  {client.address} " in text
    assert run(guest, "show", NAME).stdout.startswith(f"{head}  {client.address} ")
    for words in ("show", NAME), ("stats", NAME), ("stats",):
        assert re.search("^  opened +1$", run(guest, *words).stdout, re.MULTILINE), words
    screen = watch(guest, f"sleep 1; pknockctl allow {NAME} 203.0.113.7; sleep 2; printf q",
                   "--open")
    assert screen.count(client.address) == 1 and "SEQ: " in screen and "203.0.113.7" in screen


@pytest.mark.any_kernel
@pytest.mark.spec("N1")
@NFT
@V4_ONLY
def test_keys_move_what_is_watched(firewall: Firewall, guest: Guest) -> None:
    names = [f"DOOR{number:02}" for number in range(SCREEN + 6)]
    firewall.restore(rule_set(*(check_rule(name=name) for name in names)))

    def seen(*keys: str) -> list[int]:
        """How often each door was drawn."""
        screen = watch(guest, f"printf '{''.join(keys)}q'")
        return [screen.count(f"{name}: ") for name in names]

    up, down, page_up, page_down, home, end = (
        "\\033" + rest for rest in ("OA", "OB", "[5~", "[6~", "OH", "OF"))
    assert seen() == seen(up, page_up, home) == SCREEN * [1] + 6 * [0]
    assert seen(down) == (SCREEN + 1) * [1] + 5 * [0]
    assert seen(down, up)[0] == seen(end, home)[0] == seen(page_down, page_up)[0] == 2
    assert seen(end) == seen(page_down) == seen(end, down, page_down) == (SCREEN + 6) * [1]
    refusal = run(guest, "watch")
    assert (refusal.rc, refusal.stderr) == (USAGE, "pknockctl: watch needs a terminal\n")
    assert "this terminal is not known: TERM" in watch(guest, "printf q", terminal="nonsense")


@pytest.mark.spec("N1")
@NFT
@V4_ONLY
def test_flush_closes_for_all_but_not_by_accident(firewall: Firewall, guest: Guest) -> None:
    firewall.restore(rule_set(check_rule(), check_rule(name="WEB")))
    for name in NAME, "WEB":
        do(guest, "allow", name, "203.0.113.7")
        do(guest, "allow", name, "2001:db8::7")
    assert run(guest, "flush").rc == USAGE
    do(guest, "flush", NAME)
    assert len(open_for(guest, NAME)) == 0 and len(open_for(guest, "WEB")) == 2
    do(guest, "flush", "--all")
    assert open_for(guest, "WEB") == {}


@pytest.mark.spec("N1")
@NFT
@V4_ONLY
def test_killed_flows_are_those_of_who_was_revoked(firewall: Firewall, client: Client,
                                                   guest: Guest) -> None:
    firewall.restore(rule_set("-m state --state ESTABLISHED -j ACCEPT", check_rule()))
    other = guest.client(client.family)

    def flows(of: Client) -> int:
        return guest.run(["conntrack", "-L", "-s", of.address]).stdout.count("src=" + of.address)

    for who in client, other:
        do(guest, "allow", NAME, who.address)
        guest.wire.replies(who.tcp(22))
    assert flows(client) and flows(other)
    assert do(guest, "revoke", NAME, client.address, "--kill-flows")["flows"] == 1
    assert not flows(client) and flows(other)


@pytest.mark.spec("N1")
@NFT
@V4_ONLY
def test_mistakes_are_told_apart(firewall: Firewall, guest: Guest) -> None:
    refusal = run(guest, "list")
    assert refusal.rc == NOT_LOADED and "xt_pknock is not loaded" in refusal.stderr
    guest.run(["modprobe", MODULE])
    assert run(guest, "show", "SHH").stderr == (
        'pknockctl: there is no door "SHH"; there is none at all\n')

    firewall.restore(door())
    for words in (("show", "SHH"), ("stats", "SHH"), ("flush", "SHH"),
                  ("allow", "SHH", "203.0.113.7"), ("revoke", "SHH", "203.0.113.7")):
        refusal = run(guest, *words)
        assert refusal.rc == NOT_FOUND, words
        assert refusal.stderr == f'pknockctl: there is no door "SHH"; there are: {NAME}\n'
    for words in (("allow", NAME, "203.0.113.256"), ("allow", NAME, "203.0.113.7/33"),
                  ("allow", NAME, "224.0.0.7"), ("allow", NAME, "ff02::7"),
                  ("allow", NAME, "203.0.113.7", "--ttl", "soon"), ("allow", NAME)):
        assert run(guest, *words).rc == USAGE, words
    for words in ("list",), ("allow", NAME, "203.0.113.7"), ("flush", "--all"):
        refusal = guest.run([*NOBODY, "pknockctl", *words], check=False)
        assert refusal.rc == PERMISSION and "CAP_NET_ADMIN" in refusal.stderr
    assert open_for(guest, NAME) == {}


@pytest.mark.spec("N1")
@NFT
@V4_ONLY
def test_namespaces_have_their_own_doors(firewall: Firewall, guest: Guest) -> None:
    namespace = Namespace(guest, "other")
    firewall.restore(door())
    firewall.restore(door(), netns=namespace.name)
    do(guest, "allow", NAME, "203.0.113.7", netns=namespace.name)
    assert open_for(guest, NAME) == {}
    assert list(open_for(guest, NAME, netns=namespace.name)) == ["203.0.113.7/32"]


@pytest.mark.spec("N1")
@NFT
@V4_ONLY
def test_saved_doors_are_open_after_a_reboot(firewall: Firewall, client: Client,
                                             guest: Guest) -> None:
    firewall.restore(door())
    do(guest, "allow", NAME, client.address, "--ttl", "1h")
    do(guest, "allow", NAME, "2001:db8::/64", "--ttl", "10m")
    do(guest, "allow", NAME, "203.0.113.7")
    assert do(guest, "save", SAVED) == {"file": SAVED, "saved": 3}
    assert guest.run(["stat", "-c", "%a", SAVED]).stdout == "600\n"

    # As a reboot leaves it: no module, no rules, and half an hour is gone.
    firewall.flush()
    until(lambda: guest.run(["rmmod", MODULE], check=False).rc == 0)
    guest.step_clock(1800)
    assert do(guest, "restore", SAVED) == {
        "file": SAVED, "opened": 2, "open_already": 0, "over": 1, "refused": 0}
    firewall.restore(door())
    assert passes(client)
    left = open_for(guest, NAME)
    assert set(left) == {host(client), "203.0.113.7/32"} and left["203.0.113.7/32"] is None
    assert 1780 < left[host(client)] <= 1800
    assert do(guest, "restore", SAVED)["open_already"] == 2

    guest.run(["chmod", "o+w", SAVED])
    refusal = run(guest, "restore", SAVED)
    assert (refusal.rc, refusal.stderr) == (FILE, f"pknockctl: {SAVED}: others can write it\n")


@pytest.mark.spec("N1")
@NFT
@V4_ONLY
def test_door_without_rules_waits_for_them(firewall: Firewall, client: Client,
                                           guest: Guest) -> None:
    firewall.append("INPUT -p tcp -m pknock --checkip --name WEB")  # loads the module
    do(guest, "allow", NAME, client.address, "--create")
    assert [entry["name"] for entry in do(guest, "list")["doors"]] == ["WEB", NAME]
    firewall.restore(door())
    assert passes(client)


@pytest.mark.spec("N1")
@NFT
@V4_ONLY
def test_hundred_doors_and_thousand_peers_are_told_once(firewall: Firewall,
                                                        guest: Guest) -> None:
    names = [f"D{number}" for number in range(100)]
    firewall.restore(rule_set(*(check_rule(name=name) for name in names)))
    sources = [f"10.0.0.{host}" for host in range(1, 11)]
    peers = [{"door": name, "address": source, "prefix": V4.bits, "expires": None}
             for name in names for source in sources]
    guest.agent.write(MANY, json.dumps({"version": 1, "peers": peers}))
    assert do(guest, "restore", MANY)["opened"] == len(peers)
    doors = do(guest, "list")["doors"]
    assert [entry["name"] for entry in doors] == names
    for entry in doors:
        assert sorted(peer["address"] for peer in entry["peers"]) == sorted(sources)
