# SPDX-License-Identifier: GPL-2.0-or-later
"""Port knocking servers on a guest, each told to open port 22, where the guest has a service.

The client that knocks is a network namespace of the same machine, behind a veth pair; knocks are
in probe.c's words. An opening can be taken back, so that the next one is as the first.
"""

import abc
import base64
import secrets

from harness import poll
from harness.guest import Guest

SERVER, CLIENT = "10.0.0.1", "10.0.0.2"
PORT = 22
SEQUENCE = (7000, 8000, 9000)
SPA_PORT = 62201
DATAGRAM = "/run/datagram"
SECRET = "/run/secret"

NETWORK = f"""
set -e
ip netns add client
ip link add server type veth peer name client netns client
ip address add {SERVER}/24 dev server
ip link set server up
ip -n client address add {CLIENT}/24 dev client
ip -n client link set client up
iptables -A INPUT -i server -p tcp --dport {PORT} -j DROP
"""
INSERT = "iptables -I INPUT -i server"


class Server(abc.ABC):
    """What opens the port. Its figures are of what it does with its knocks."""

    name: str
    knocks: list[str]

    def __init__(self, guest: Guest) -> None:
        self.guest = guest

    @abc.abstractmethod
    def start(self) -> None:
        """Be ready for knocks."""

    def prepare(self) -> None:
        """Before each opening: what the client does that is not waited for."""

    @abc.abstractmethod
    def close(self) -> None:
        """After each opening: as before it."""

    def stop(self) -> None:
        """Be gone."""

    @abc.abstractmethod
    def version(self) -> str:
        """Of its Debian package."""

    def _version_of(self, package: str) -> str:
        return self.guest.run(["dpkg-query", "-W", "-f", "${Version}", package]).stdout

    def _daemon(self, command: str, name: str) -> None:
        """Start a daemon that stays in the foreground, and wait for its packet socket."""
        self.guest.run(f"({command}) >/run/{name}.log 2>&1 </dev/null &")
        poll.until(self._sniffers)

    def _end_daemon(self, name: str) -> None:
        self.guest.run(["pkill", "-x", name])
        poll.until(lambda: not self._sniffers())

    def _sniffers(self) -> list[str]:
        """Packet sockets, below a headline."""
        return self.guest.agent.read("/proc/net/packet").splitlines()[1:]


class OpenPort(Server):
    """Nothing: the port is open, and the knocks are for nobody. No server can be faster."""

    name = "open port"
    knocks = [f"tcp:{port}" for port in SEQUENCE]
    rule = f"{INSERT} -p tcp --dport {PORT} -j ACCEPT"

    def start(self) -> None:
        self.guest.run(self.rule)

    def close(self) -> None:
        """It stays open."""

    def stop(self) -> None:
        self.guest.run(self.rule.replace(" -I ", " -D "))

    def version(self) -> str:
        return "none"


class Pknock(Server):
    """A sequence, verified by the kernel."""

    name = "pknock, sequence"
    knocks = [f"tcp:{port}" for port in SEQUENCE]
    rule = (f"{INSERT} -p tcp -m pknock --knockports {','.join(map(str, SEQUENCE))} --name SSH"
            f" --time 10 -m tcp --dport {PORT} -j ACCEPT")

    def start(self) -> None:
        self.guest.run(self.rule)

    def close(self) -> None:
        self.guest.run("pknockctl flush SSH")

    def stop(self) -> None:
        self.guest.run(self.rule.replace(" -I ", " -D "))

    def version(self) -> str:
        return self._version_of("portknocko-dkms")


class PknockSpa(Pknock):
    """An authenticated datagram, verified by the kernel. One minute has one token: the clock of
    the machine, which both sides have, goes on by a minute for each."""

    name = "pknock, SPA"
    knocks = [f"udp:{SPA_PORT}:{DATAGRAM}"]
    rule = (f"{INSERT} -p udp -m pknock --knockports {SPA_PORT} --name SSH"
            " --opensecret in --closesecret out -j DROP")
    check = f"{INSERT} -p tcp -m pknock --checkip --name SSH -m tcp --dport {PORT} -j ACCEPT"

    def start(self) -> None:
        self.guest.run(f"{self.rule} && {self.check} && printf in >{SECRET} && chmod 600 {SECRET}")

    def prepare(self) -> None:
        self.guest.step_clock(60)
        self.guest.run(f"pknock open {SERVER} --port {SPA_PORT} --secret-file {SECRET}"
                       f" --source {CLIENT} --dry-run | sed -n 's,^udp/.* ,,p' >{DATAGRAM}")

    def stop(self) -> None:
        super().stop()
        self.guest.run(self.check.replace(" -I ", " -D "))


class Knockd(Server):
    """A sequence, seen by libpcap, opened by a command."""

    name = "knockd"
    knocks = [f"tcp:{port}" for port in SEQUENCE]
    configuration = f"""
[options]
logfile = /run/knockd.messages
[openSSH]
sequence = {','.join(map(str, SEQUENCE))}
seq_timeout = 10
tcpflags = syn
command = /sbin/iptables -I INPUT -s %IP% -p tcp --dport {PORT} -j ACCEPT
"""

    def start(self) -> None:
        self.guest.agent.write("/run/knockd.conf", self.configuration)
        self._daemon("knockd --interface server --config /run/knockd.conf --verbose", "knockd")

    def close(self) -> None:
        self.guest.run(f"iptables -D INPUT -s {CLIENT} -p tcp --dport {PORT} -j ACCEPT")

    def stop(self) -> None:
        self._end_daemon("knockd")

    def version(self) -> str:
        return self._version_of("knockd")


class Fwknopd(Server):
    """An encrypted and authenticated datagram, seen by libpcap, opened by a rule of its chain."""

    name = "fwknopd"
    knocks = [f"udp:{SPA_PORT}:{DATAGRAM}"]

    def __init__(self, guest: Guest) -> None:
        super().__init__(guest)
        self._key = base64.b64encode(secrets.token_bytes(32)).decode()
        self._mac_key = base64.b64encode(secrets.token_bytes(64)).decode()

    def start(self) -> None:
        self.guest.agent.write("/run/fwknopd.conf", "PCAP_INTF server;\nVERBOSE 1;\n")
        self.guest.agent.write("/run/access.conf", f"SOURCE ANY\nKEY_BASE64 {self._key}\n"
                               f"HMAC_KEY_BASE64 {self._mac_key}\nFW_ACCESS_TIMEOUT 600\n")
        self.guest.run("chmod 600 /run/*.conf")
        self._daemon("fwknopd --foreground --config-file /run/fwknopd.conf"
                     " --access-file /run/access.conf", "fwknopd")

    def prepare(self) -> None:
        self.guest.run(f"rm -f {DATAGRAM}; fwknop --test --no-save-args --save-packet {DATAGRAM}"
                       f" --access tcp/{PORT} --allow-ip {CLIENT} --destination {SERVER}"
                       f" --key-base64-rijndael {self._key} --key-base64-hmac {self._mac_key};"
                       f' printf %s "$(cat {DATAGRAM})" >{DATAGRAM}')

    def close(self) -> None:
        self.guest.run("iptables -F FWKNOP_INPUT")

    def stop(self) -> None:
        self._end_daemon("fwknopd")

    def version(self) -> str:
        return self._version_of("fwknop-server")


SERVERS = [OpenPort, Pknock, PknockSpa, Knockd, Fwknopd]
