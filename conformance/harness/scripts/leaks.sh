#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What nobody can free any more, in a kernel that looks for it; nothing in others. An object is not
# looked at in its first 5 seconds, and is taken for lost when it was twice found to be the same.
set -e

leaks=/sys/kernel/debug/kmemleak
if [ -e $leaks ]; then
    sleep 6
    echo scan >$leaks
    echo scan >$leaks
    cat $leaks
fi
