# SPDX-License-Identifier: GPL-2.0-or-later
# Speaks to the family "pknock" for the harness (genetlink.py). Bodies of messages, which begin at
# the header of generic netlink, are hex digits here and there.
#
#   ask                  lines FLAGS BODY on standard input; for each the answers, as lines
#                        TYPE BODY, and an empty one
#   churn BODY COUNT     dump by BODY; after each part that comes, send COUNT more of the requests on
#                        standard input, which are gone through again and again
#   leave BODY           dump by BODY, and go after the first part that comes
#   beside DUMP FLAGS BODY    ask BODY, while somebody who dumps by DUMP has had the first part only
#   deaf FILE SECONDS    join the group "events", read nothing for so long, then say what came of it;
#                        with little room to wait in; FILE is there as soon as it has joined
#   fuzz SEED COUNT      send so many requests that are wrong here and there; say how many came back
#   connector FILE GROUP    print the next message to that group of the connector; likewise

use strict;
use warnings;
use Socket qw(SOCK_RAW SOL_SOCKET SO_RCVBUF MSG_DONTWAIT);

use constant {
    AF_NETLINK => 16, NETLINK_CONNECTOR => 11, NETLINK_GENERIC => 16, SOL_NETLINK => 270,
    NETLINK_ADD_MEMBERSHIP => 1, NETLINK_CAP_ACK => 10, NETLINK_EXT_ACK => 11,
    NLMSG_ERROR => 2, NLMSG_DONE => 3, REQUEST => 1, ACK => 4, DUMP => 0x300,
    GENL_ID_CTRL => 16, RECEIVE => 65536,
};

$| = 1;
my $sequence = 0;

sub netlink {
    my ($protocol, $groups) = @_;
    socket(my $socket, AF_NETLINK, SOCK_RAW, $protocol) or die "socket: $!";
    bind($socket, pack("SSLL", AF_NETLINK, 0, 0, $groups // 0)) or die "bind: $!";
    return $socket;
}

sub send_request {
    my ($socket, $type, $flags, $body) = @_;
    my $header = pack("LSSLL", 16 + length $body, $type, $flags | REQUEST, ++$sequence, 0);
    return defined send($socket, $header . $body, 0);
}

sub touch {
    my ($file) = @_;
    open(my $handle, ">", $file) or die "$file: $!";
}

# The messages in one datagram: type and body of each.
sub receive {
    my ($socket, $flags) = @_;
    defined recv($socket, my $data, RECEIVE, $flags // 0) or return;
    my @messages;
    while (length $data >= 16) {
        my ($length, $type) = unpack("LS", $data);
        push @messages, [$type, substr($data, 16, $length - 16)];
        $data = substr($data, ($length + 3) & ~3);
    }
    return @messages;
}

# All answers to a request, up to its end.
sub ask {
    my ($socket, $type, $flags, $body) = @_;
    send_request($socket, $type, $flags | ACK, $body) or die "send: $!";
    my @answers;
    do { push @answers, receive($socket) }
        until @answers && $answers[-1][0] =~ /^(2|3)$/;
    return @answers;
}

sub attributes {
    my ($data) = @_;
    my %found;
    while (length $data >= 4) {
        my ($length, $type) = unpack("SS", $data);
        $found{$type & 0x3fff} = substr($data, 4, $length - 4);
        $data = substr($data, ($length + 3) & ~3);
    }
    return %found;
}

# The family's number, and that of its group.
sub family {
    my ($socket) = @_;
    my $name = pack("SSa8", 11, 2, "pknock");
    my @answers = ask($socket, GENL_ID_CTRL, 0, pack("CCS", 3, 1, 0) . $name);
    die "there is no family pknock\n" if $answers[0][0] == NLMSG_ERROR;
    my %of = attributes(substr($answers[0][1], 4));
    my %groups = attributes($of{7});
    my %group = attributes($groups{1});
    return unpack("S", $of{1}), unpack("L", $group{2});
}

sub generic {
    my $socket = netlink(NETLINK_GENERIC);
    setsockopt($socket, SOL_NETLINK, $_, pack("i", 1)) for NETLINK_CAP_ACK, NETLINK_EXT_ACK;
    return $socket, family($socket);
}

my %verbs = (
    ask => sub {
        my ($socket, $family) = generic();
        while (my ($flags, $body) = split " ", <STDIN> // "") {
            print "$_->[0] ", unpack("H*", $_->[1]), "\n"
                for ask($socket, $family, $flags, pack("H*", $body));
            print "\n";
        }
    },
    churn => sub {
        my ($body, $count) = @_;
        my @requests = map { pack("H*", (split)[1]) } <STDIN>;
        my ($socket, $family) = generic();
        my ($other) = generic();
        send_request($socket, $family, DUMP, pack("H*", $body)) or die "send: $!";
        my $sent = 0;
        while (my @messages = receive($socket)) {
            print "$_->[0] ", unpack("H*", $_->[1]), "\n" for @messages;
            last if $messages[-1][0] == NLMSG_DONE;
            ask($other, $family, 0, $requests[$sent++ % @requests]) for 1 .. $count;
        }
    },
    leave => sub {
        my ($body) = @_;
        my ($socket, $family) = generic();
        send_request($socket, $family, DUMP, pack("H*", $body)) or die "send: $!";
        print "$_->[0] ", unpack("H*", $_->[1]), "\n" for receive($socket);
    },
    beside => sub {
        my ($dump, $flags, $body) = @_;
        my ($slow, $family) = generic();
        send_request($slow, $family, DUMP, pack("H*", $dump)) or die "send: $!";
        receive($slow);
        my ($quick) = generic();
        print "$_->[0] ", unpack("H*", $_->[1]), "\n"
            for ask($quick, $family, $flags, pack("H*", $body));
    },
    deaf => sub {
        my ($file, $seconds) = @_;
        my ($socket, undef, $group) = generic();
        setsockopt($socket, SOL_SOCKET, SO_RCVBUF, pack("i", 4096)) or die "setsockopt: $!";
        setsockopt($socket, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, pack("L", $group))
            or die "setsockopt: $!";
        touch($file);
        sleep $seconds;
        print defined recv($socket, my $data, RECEIVE, MSG_DONTWAIT) ? "heard\n" : "$!\n";
    },
    fuzz => sub {
        my ($seed, $count) = @_;
        srand $seed;
        my ($socket, $family) = generic();
        my @values = (pack("a4", "SSH"), pack("a4", "\n"), pack("N", 1), pack("a16", "\xfe\x80"),
                      pack("C", 24), pack("Q", 1000), pack("Q", ~0), "");
        my $returned = 0;
        for (1 .. $count) {
            my $body = pack("CCS", int rand 14, 1, 0);
            for (1 .. rand 5) {
                my $value = rand() < .7 ? $values[rand @values]
                                        : join "", map { chr rand 256 } 1 .. rand 40;
                my $length = rand() < .9 ? 4 + length $value : int rand 65536;
                $body .= pack("SSa*x!4", $length, rand() < .9 ? int rand 18 : int rand 65536, $value);
            }
            substr($body, rand length $body, 1) = chr rand 256 if rand() < .3;
            $body = substr($body, 0, rand length $body) if rand() < .2;
            send_request($socket, $family, (ACK, DUMP, DUMP | ACK, 0x400, 0)[rand 5], $body);
            while (my @messages = receive($socket, MSG_DONTWAIT)) { $returned += @messages }
        }
        print "$returned\n";
    },
    connector => sub {
        my ($file, $group) = @_;
        my $socket = netlink(NETLINK_CONNECTOR, $group);
        touch($file);
        print unpack("H*", $_->[1]), "\n" for receive($socket);
    },
);

my $verb = shift @ARGV;
($verbs{$verb} or die "no such verb: $verb\n")->(@ARGV);
