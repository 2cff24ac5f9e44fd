# SPDX-License-Identifier: GPL-2.0-or-later
# Sends what the guest's own stack makes of large writes: packets of many segments, in many buffers.
#
# Each line of standard input is a task:
#   udp SOURCE TARGET PORT SEGMENT HEX...   one datagram, put together of the parts; with SEGMENT
#                                           other than 0 one for each so many bytes (UDP_SEGMENT)
#   tcp SOURCE TARGET PORT SIZE             a connection, and so many bytes in one write
use strict;
use Socket qw(:all);

use constant { UDP_SEGMENT => 103, MORE => 0x8000, SOL_UDP => 17 };

sub endpoint {
    my ($address, $port) = @_;
    return $address =~ /:/ ? pack_sockaddr_in6($port, inet_pton(AF_INET6, $address))
        : pack_sockaddr_in($port, inet_pton(AF_INET, $address));
}

sub open_socket {
    my ($type, $source) = @_;
    socket(my $handle, $source =~ /:/ ? AF_INET6 : AF_INET, $type, 0) or die "socket: $!";
    bind($handle, endpoint($source, 0)) or die "bind to $source: $!";
    return $handle;
}

sub send_datagram {
    my ($source, $target, $port, $segment, @parts) = @_;
    my $handle = open_socket(SOCK_DGRAM, $source);
    if ($segment) {
        setsockopt($handle, SOL_UDP, UDP_SEGMENT, pack("i", $segment)) or die "segments: $!";
    }
    while (defined(my $part = shift @parts)) {
        my $flags = @parts ? MORE : 0;
        defined send($handle, pack("H*", $part), $flags, endpoint($target, $port))
            or die "send: $!";
    }
}

sub send_stream {
    my ($source, $target, $port, $size) = @_;
    my $handle = open_socket(SOCK_STREAM, $source);
    connect($handle, endpoint($target, $port)) or die "connect: $!";
    # As much as the other side's window takes: nobody reads it.
    local $SIG{ALRM} = sub { die "full\n" };
    alarm 1;
    eval { syswrite($handle, "\0" x $size) };
    alarm 0;
}

$SIG{PIPE} = "IGNORE";
while (my $line = <STDIN>) {
    my ($kind, @words) = split ' ', $line;
    $kind eq "udp" ? send_datagram(@words) : send_stream(@words);
}
