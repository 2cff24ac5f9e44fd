# SPDX-License-Identifier: GPL-2.0-or-later
"""/proc/net/xt_pknock: what it says, to whom, and that it can be read in any way at any time."""

import re

import pytest
from scapy.layers.l2 import Ether

from harness import spoof
from harness.client import Client
from harness.firewall import Firewall
from harness.guest import MODULE, PROC, Guest, Peer
from harness.marks import NFT, V4_ONLY
from harness.net import V4, V6, WIRE_MAC, Family
from harness.netns import Namespace
from harness.poll import until

FILE = f"{PROC}/SSH"
NOBODY = "setpriv --reuid=65534 --regid=65534 --clear-groups"
SECONDS = re.compile(r"(?<=_time=)\d+(?= \[secs\] )")

# Reads FILE twice through one descriptor, SIZE bytes at a time; of each pass it prints how many
# lines there were, and how many sources in them.
READ_TWICE = r"""
use Fcntl;
my ($file, $size) = @ARGV;
sysopen(my $handle, $file, O_RDONLY) or die "$file: $!";
for my $pass (1, 2) {
    defined sysseek($handle, 0, 0) or die "seek: $!";
    my ($text, $count) = ("", 1);
    while ($count) {
        $count = sysread($handle, $text, $size, length $text);
        defined $count or die "read: $!";
    }
    my %sources = map { $_ => 1 } $text =~ /^src=(\S+) /mg;
    printf "%d lines, %d sources\n", ($text =~ tr/\n//), scalar keys %sources;
}
"""

# Reads descriptor 3 to the end, again and again, until that fails, and prints how.
READ_TO_FAILURE = r"""
open(my $handle, "<&=", 3) or die $!;
my $count = sysread($handle, my $text, 100);
open(my $sign, ">", "/run/reading") or die $!;
while (defined $count) {
    $count or sysseek($handle, 0, 0);
    $count = sysread($handle, $text, 100);
}
print $!;
"""

# Until /run/stop appears: how many lines a pass had, how many of open doors, how many malformed.
COUNT_LINES = r"""
first='status=MATCHING accepted_knock_count=1 expir_time=[0-9]+ [[]secs] '
open='status=ALLOWED accepted_knock_count=1 autoclose_time=[0-9]+ [[]secs] '
until [ -e /run/stop ]; do
    awk "!/^src=[0-9.]+ proto=TCP ($first|$open)$/ { malformed++ }
         /ALLOWED/ { open++ }
         END { print NR, open + 0, malformed + 0 }" /proc/net/xt_pknock/SSH
done
rm /run/stop
"""


def addresses(family: Family, count: int) -> list[bytes]:
    """Packed addresses of clients of which the harness gives none away."""
    return [family.packed(family.client(0x10000 + number)) for number in range(count)]


@NFT
@pytest.mark.spec("P1")
def test_lines_of_a_tcp_door(firewall: Firewall, guest: Guest, family: Family) -> None:
    firewall.append("INPUT -p tcp -m pknock --knockports 2002,2001,2004 --name SSH"
                    " --strict --time 30 --autoclose 2")
    init, first, second, opened = (guest.client(family) for _ in range(4))
    init.knock(2002, 22)
    first.knock(2002)
    second.knock(2002, 2001)
    opened.knock(2002, 2001, 2004)
    text = guest.agent.read(FILE)
    assert sorted(SECONDS.sub("S", text).splitlines(keepends=True)) == sorted([
        f"src={init.address} proto=TCP status=INIT accepted_knock_count=0 \n",
        f"src={first.address} proto=TCP status=MATCHING accepted_knock_count=1"
        " expir_time=S [secs] \n",
        f"src={second.address} proto=TCP status=MATCHING accepted_knock_count=2"
        " expir_time=S [secs] \n",
        f"src={opened.address} proto=TCP status=ALLOWED accepted_knock_count=3"
        " autoclose_time=S [secs] \n"])
    seconds = sorted(map(int, SECONDS.findall(text)))
    assert all(20 < left <= 30 for left in seconds[:2]) and 110 < seconds[2] <= 120


@NFT
@pytest.mark.spec("P1")
def test_line_follows_its_source_from_knock_to_knock(client: Client, firewall: Firewall,
                                                     guest: Guest) -> None:
    firewall.append("INPUT -m pknock --knockports tcp/2002,udp/2001 --name SSH --strict --once")
    source = client.address
    assert guest.agent.read(FILE) == ""
    for port, line in (
        (2002, "proto=TCP status=MATCHING accepted_knock_count=1 expir_time=S [secs] "),
        (22, "proto=TCP status=INIT accepted_knock_count=0 "),
        (2002, "proto=TCP status=MATCHING accepted_knock_count=1 expir_time=S [secs] "),
        ("udp/2001", "proto=UDP status=ALLOWED accepted_knock_count=2 "),
    ):
        client.knock(port)
        assert SECONDS.sub("S", guest.agent.read(FILE)) == f"src={source} {line}\n"
    client.knock(22)
    assert guest.agent.read(FILE) == ""


@NFT
@V4_ONLY
@pytest.mark.spec("P1")
def test_only_root_reads(firewall: Firewall, guest: Guest) -> None:
    firewall.append("INPUT -p tcp -m pknock --knockports 2002,2001,2004 --name SSH")
    listing = guest.run(["stat", "-c", "%A %U %G %s", PROC, FILE]).stdout
    assert listing.splitlines() == ["dr-xr-xr-x root root 0", "-r-------- root root 0"]
    refused = guest.run(f"{NOBODY} cat {FILE}", check=False)
    assert (refused.stdout, refused.rc) == ("", 1)
    assert "Permission denied" in refused.stderr
    # Not even root writes: what the file says, only packets change.
    assert guest.run(f"echo >{FILE}", check=False).rc != 0


@NFT
@V4_ONLY
@pytest.mark.spec("P1", "M8")
def test_root_of_a_user_namespace_reads_its_own(firewall: Firewall, guest: Guest) -> None:
    firewall.append("INPUT -p tcp -m pknock --knockports 2002 --name SSH")
    result = guest.run(f"{NOBODY} unshare --user --map-root-user --net sh -ec '"
                       "iptables-nft -A INPUT -p tcp -m pknock --knockports 2001 --name OWN;"
                       f"ls {PROC}; stat -c %u:%g {PROC}/OWN; cat {PROC}/OWN'")
    assert result.stdout == "OWN\n0:0\n"


@NFT
@V4_ONLY
@pytest.mark.spec("P1", "M8")
def test_namespaces_list_their_own_doors(client: Client, firewall: Firewall, guest: Guest) -> None:
    rule = "INPUT -p tcp -m pknock --knockports 2001 --name"
    firewall.append(f"{rule} SSH")
    inside = Namespace(guest, "inside")
    firewall.append(f"{rule} SSH", netns="inside")
    firewall.append(f"{rule} INSIDE", netns="inside")
    visitor = inside.client(V4, "198.51.100.7")
    visitor.knock(2001)
    client.knock(2001)
    opened = ("TCP", "ALLOWED", 1, None, None)
    assert guest.doors() == {"SSH"}
    assert guest.door("SSH") == [Peer(client.address, *opened)]
    for name in ("SSH", "INSIDE"):
        assert guest.door(name, netns="inside") == [Peer(visitor.address, *opened)]


@NFT
@V4_ONLY
@pytest.mark.spec("P1")
def test_long_list_is_read_whole_in_pieces_of_any_size(firewall: Firewall, guest: Guest) -> None:
    both = [firewall, Firewall(guest, "nft", V6)]
    for part in both:
        part.append("INPUT -p tcp -m pknock --knockports 2002,2001 --name SSH -j DROP")
        part.append("INPUT -p tcp -m pknock --knockports 3001 --name SSH -j DROP")
        part.policy("INPUT", "DROP")
        template = guest.client(part.family)
        sources = addresses(part.family, 10500)
        guest.wire.flood(spoof.sources(part.family, template.tcp(2002), sources[:10000]))
        guest.wire.flood(spoof.sources(part.family, template.tcp(3001), sources[10000:]))
    guest.wire.settle()
    # Once the table has stopped growing no source is seen twice.
    until(lambda: guest.run(["wc", "-l", FILE]).stdout == f"21000 {FILE}\n")
    for size in (61, 4096, 1 << 20):
        passes = guest.run(["perl", "-e", READ_TWICE, FILE, str(size)]).stdout
        assert passes == 2 * "21000 lines, 21000 sources\n"


@NFT
@V4_ONLY
@pytest.mark.spec("P1")
def test_list_is_right_while_peers_come_and_go(firewall: Firewall, guest: Guest,
                                               family: Family) -> None:
    firewall.append("INPUT -p tcp -m pknock --knockports 3001 --name SSH --ttl 900 -j DROP")
    firewall.append("INPUT -p tcp -m pknock --knockports 2002,2001 --name SSH --time 1"
                    " --max-peers 300 -j DROP")
    firewall.policy("INPUT", "DROP")
    guest.set_parameter("gc_interval", 1)
    template = guest.client(family)
    sources = addresses(family, 20100)
    guest.wire.flood(spoof.sources(family, template.tcp(3001), sources[:100]))
    guest.wire.settle()
    until(lambda: len(guest.door("SSH")) == 100)
    reader = guest.agent.start(COUNT_LINES)
    guest.flood(spoof.sources(family, template.tcp(2002), sources[100:]), part=1000)
    guest.wire.settle()
    until(lambda: len(guest.door("SSH")) == 100)
    guest.run("touch /run/stop")
    passes = [tuple(map(int, line.split())) for line in reader.wait().stdout.splitlines()]
    assert {(opened, malformed) for _, opened, malformed in passes} == {(100, 0)}
    assert len(passes) > 3 and max(total for total, _, _ in passes) > 100


@NFT
@V4_ONLY
@pytest.mark.spec("P1", "M8")
def test_file_that_is_open_when_its_door_goes_fails_to_read(client: Client, firewall: Firewall,
                                                            guest: Guest, family: Family) -> None:
    firewall.append("INPUT -p tcp -m pknock --knockports 2002,2001 --name SSH")
    guest.wire.flood(spoof.sources(family, client.tcp(2002), addresses(family, 300)))
    guest.wire.settle()
    guest.agent.write("/run/read.pl", READ_TO_FAILURE)
    reader = guest.agent.start(f"exec 3<{FILE}; exec perl /run/read.pl")
    until(lambda: guest.run(["test", "-e", "/run/reading"], check=False).rc == 0)
    firewall.flush()
    until(lambda: guest.run(["rmmod", MODULE], check=False).rc == 0)
    assert reader.wait().stdout == "Input/output error"
    guest.run("rm /run/reading")


@NFT
@V4_ONLY
@pytest.mark.spec("P1", "M8")
def test_namespace_stays_while_its_door_is_read(firewall: Firewall, guest: Guest,
                                                family: Family) -> None:
    inside = Namespace(guest, "inside")
    firewall.append("INPUT -p tcp -m pknock --knockports 2002,2001 --name SSH", netns="inside")
    template = Ether(src=WIRE_MAC, dst=inside.mac) / guest.client(family).tcp(2002)
    guest.wire.flood(spoof.sources(family, template, addresses(family, 300)))
    guest.wire.settle()
    # The reader leaves the namespace, which would stay for as long as someone is in it.
    reader = guest.agent.start(
        f"nsenter --net=/run/netns/inside sh -c 'exec 3<{FILE};"
        " exec nsenter --net=/proc/1/ns/net sh -c \"touch /run/reading;"
        " until [ -e /run/read ]; do sleep 0.1; done; wc -l <&3\"'")
    until(lambda: guest.run(["test", "-e", "/run/reading"], check=False).rc == 0)
    inside.delete()
    assert guest.users() > 0
    guest.run("touch /run/read")
    assert reader.wait().stdout == "300\n"
    until(lambda: guest.users() == 0)
    guest.run("rm /run/reading /run/read")
