# SPDX-License-Identifier: GPL-2.0-or-later
# Refuses memory, one request after the other: the first that is made on a path, the second, … until
# there is none left. In the guest, for lane_failures.py. What counts are requests that a task makes
# while it is in the code between two addresses.
#
#   commands START END DONE UNDO WORD...    run the command, then again with all memory that it wants
#                                           (DONE is what it may say if it had worked nevertheless),
#                                           then UNDO, a line for sh; "%" in these is the number of
#                                           the request
#   packets START END    lines "PATH SOURCE DOOR RESULT PAYLOAD@PORT... ! PAYLOAD@PORT" on standard
#                        input: send what comes before "!" and, with a request refused, what comes
#                        after it; and if the source is not RESULT at the door then, all of it again,
#                        or what comes after another "!". The kernel's log has what may fill it.
#
# Prints a line for each request that was refused: the path or "command", "worked" or "failed", and of
# a command that failed the last line of what it said. What does not work afterwards with all memory
# is the end, and status 1.

use strict;
use warnings;
use Socket qw(AF_INET AF_INET6 SOCK_DGRAM inet_pton pack_sockaddr_in pack_sockaddr_in6);

use constant {KNOBS => "/sys/kernel/debug/failslab", MANY => 1 << 30, LIMIT => 2000};

$| = 1;

sub put {
    my ($path, $value) = @_;
    open(my $file, ">", $path) or die "$path: $!";
    syswrite($file, $value) // die "$path: $!";
}

sub get {
    my ($path) = @_;
    open(my $file, "<", $path) or die "$path: $!";
    return <$file>;
}

# Requests of tasks that ask for it, in that code. Loud: the kernel's log has those that did not say that
# they want no warning.
sub arm {
    my ($start, $end, $loud) = @_;
    put(KNOBS . "/$_->[0]", $_->[1])
        for ["probability", 0], ["verbose", $loud], ["ignore-gfp-wait", "N"], ["times", MANY],
            ["stacktrace-depth", 32], ["require-start", $start], ["require-end", $end];
}

sub command {
    my ($nth, @words) = @_;
    my $pid = fork() // die "fork: $!";
    if (!$pid) {
        open(STDOUT, ">", "/run/fail.out");
        open(STDERR, ">&", \*STDOUT);
        put("/proc/self/fail-nth", $nth) if $nth;
        exec { $words[0] } @words or exit 127;
    }
    waitpid($pid, 0);
    return $?;
}

# The last line of what the command said.
sub said {
    open(my $file, "<", "/run/fail.out") or die "/run/fail.out: $!";
    my ($last) = reverse <$file>;
    return $last // "\n";
}

sub commands {
    my ($done, $undo, @words) = @_;
    for my $nth (1 .. LIMIT) {
        my @numbered = map { s/%/$nth/gr } @words;
        my $before = get(KNOBS . "/times");
        my $status = command($nth, @numbered);
        my $refused = $before - get(KNOBS . "/times");
        my $outcome = $status ? "failed " . said() : "worked\n";
        if ($status && command(0, @numbered) && get("/run/fail.out") !~ /\Q$done\E/) {
            print get("/run/fail.out"), "@numbered: does not work after request $nth failed\n";
            exit 1;
        }
        my $undone = $undo =~ s/%/$nth/gr;
        system("sh", "-ec", $undone) == 0 or die "$undone: $?\n";
        return if !$refused;
        print "command ", $outcome;
    }
    die "there is no end to the requests\n";
}

sub transmit {
    my ($source, $message, $nth) = @_;
    my ($payload, $port) = split "@", $message;
    my $six = $source =~ /:/;
    my $address = inet_pton($six ? AF_INET6 : AF_INET, $source);
    my $to = $six ? pack_sockaddr_in6($port, inet_pton(AF_INET6, "::1"))
                  : pack_sockaddr_in($port, inet_pton(AF_INET, "127.0.0.1"));
    socket(my $socket, $six ? AF_INET6 : AF_INET, SOCK_DGRAM, 0) or die "socket: $!";
    bind($socket, $six ? pack_sockaddr_in6(0, $address) : pack_sockaddr_in(0, $address))
        or die "bind: $!";
    put("/proc/self/fail-nth", $nth) if $nth;
    send($socket, pack("H*", $payload), 0, $to);
    return 0 if !$nth;
    # What is left of the number was not used up; nought must be written in any case.
    my $left = get("/proc/self/fail-nth");
    put("/proc/self/fail-nth", 0);
    return $left == 0;
}

sub standing {
    my ($source, $door) = @_;
    open(my $file, "<", "/proc/net/xt_pknock/$door") or die "$door: $!";
    my ($line) = grep { /^src=\Q$source\E / } <$file>;
    return $line && $line =~ /status=(\w+)/ ? $1 : "nobody";
}

sub packets {
    my (%nth, %ended);
    while (my $line = <STDIN>) {
        my ($what, @parts) = map { [split " "] } split "!", $line;
        my ($path, $source, $door, $result, @messages) = @$what;
        next if $ended{$path};
        my ($last, @others) = map { @$_ } @parts;
        transmit($source, $_) for @messages;
        my $refused = transmit($source, $last, ++$nth{$path});
        my $worked = standing($source, $door) eq $result;
        if (!$worked) {
            transmit($source, $_) for @others ? @others : (@messages, $last);
            my $now = standing($source, $door);
            if ($now ne $result) {
                print "$path: $source is $now at $door after request $nth{$path} failed\n";
                exit 1;
            }
        }
        $ended{$path} = !$refused;
        print "$path ", $worked ? "worked" : "failed", "\n" if $refused;
    }
    my @endless = grep { !$ended{$_} } sort keys %nth;
    die "there is no end to the requests of @endless\n" if @endless;
}

my %verbs = (commands => \&commands, packets => \&packets);
my ($verb, $start, $end, @arguments) = @ARGV;
arm($start, $end, $verb eq "packets" ? 1 : 0);
$verbs{$verb}->(@arguments);
