# SPDX-License-Identifier: GPL-2.0-or-later
# objects.pl SECONDS CACHE...    for so long, print "CACHE OBJECTS UPTIME" of each of these slab
#                                caches, and again whenever another number of its objects is in use

use strict;
use warnings;
use Time::HiRes qw(clock_gettime sleep CLOCK_BOOTTIME);

# While one is made, all free ones beside it count as in use: only what is read twice is right.
sub objects {
    my ($folder) = @_;
    my ($last, $number) = (-1, -2);
    while ($last != $number) {
        $last = $number;
        # Free ones that a CPU holds count, too.
        open(my $shrink, ">", "$folder/shrink") or die "$folder: $!";
        syswrite($shrink, "1") // die "$folder: $!";
        open(my $file, "<", "$folder/objects") or die "$folder: $!";
        ($number) = split " ", <$file>;
    }
    return $number;
}

$| = 1;
my ($seconds, @caches) = @ARGV;
my %known = map { $_ => -1 } @caches;
my $end = clock_gettime(CLOCK_BOOTTIME) + $seconds;
while ((my $now = clock_gettime(CLOCK_BOOTTIME)) < $end) {
    for my $cache (@caches) {
        my $number = objects("/sys/kernel/slab/$cache");
        printf "%s %d %.3f\n", $cache, $number, $now if $number != $known{$cache};
        $known{$cache} = $number;
    }
    sleep(0.02);
}
