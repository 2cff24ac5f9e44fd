# SPDX-License-Identifier: GPL-2.0-or-later
# Read FILE, and stay in the middle of read(2) until killed: the page that the kernel copies to is
# one that userfaultfd(2) promises and nobody brings. Prints its own number first.
# Of an x86-64: the numbers of system calls.

use strict;
use warnings;

use constant {
    READ => 0, MMAP => 9, USERFAULTFD => 323,
    PAGE => 4096, WHERE => 1 << 28,    # what syscall() returns is too short for an address
    READ_AND_WRITE => 3, PRIVATE_FIXED_ANONYMOUS => 0x32,
    UFFDIO_API => 0xc018aa3f, UFFDIO_REGISTER => 0xc020aa00, UFFD_API => 0xaa, MISSING => 1,
};

my ($name) = @ARGV;
open(my $file, "<", $name) or die "$name: $!";
my $number = syscall(USERFAULTFD, 0);
$number >= 0 or die "userfaultfd: $!";
open(my $faults, "+<&=", $number) or die "userfaultfd: $!";
ioctl($faults, UFFDIO_API, my $api = pack("QQQ", UFFD_API, 0, 0)) or die "UFFDIO_API: $!";
syscall(MMAP, WHERE, PAGE, READ_AND_WRITE, PRIVATE_FIXED_ANONYMOUS, -1, 0) == WHERE
    or die "mmap: $!";
ioctl($faults, UFFDIO_REGISTER, my $range = pack("QQQQ", WHERE, PAGE, MISSING, 0))
    or die "UFFDIO_REGISTER: $!";
$| = 1;
print "$$\n";
syscall(READ, fileno $file, WHERE, PAGE);
die "the read went on";
