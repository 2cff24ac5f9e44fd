# SPDX-License-Identifier: GPL-2.0-or-later
"""Mistakes of the kind that a debug kernel is for, and what it has to say of each."""

import dataclasses
from pathlib import Path

from harness import HarnessError


@dataclasses.dataclass(frozen=True)
class Planted:
    """In a file, a text and what takes its place, pair by pair; which tests of which lane find it,
    and what the report says."""

    name: str
    lane: str
    tests: str
    report: str
    file: str
    changes: list[tuple[str, str]]

    def apply(self, module: Path) -> None:
        """Change a copy of the module's sources."""
        path = module / self.file
        text = path.read_text()
        for before, after in self.changes:
            if text.count(before) != 1:
                raise HarnessError(f"{self.name}: {self.file} does not have once: {before}")
            text = text.replace(before, after)
        path.write_text(text)


PLANTED = [
    Planted("use-after-free", "scenarios", "test_expiry", "KASAN: slab-use-after-free in .*",
            "peer_table.c",
            [("call_rcu(&peer->rcu, free_peer_rcu);",
              "free_peer(peer);\n\tWRITE_ONCE(peer->expires, 0);"),
             ("static void free_peer_rcu(", "static void __maybe_unused free_peer_rcu(")]),
    Planted("sleep-in-atomic", "scenarios", "test_right_sequence_opens",
            "BUG: sleeping function called from invalid context.*", "peer_table.c",
            [("kmem_cache_alloc(peer_cache, GFP_ATOMIC | __GFP_NOWARN)",
              "kmem_cache_alloc(peer_cache, GFP_KERNEL)")]),
    Planted("token-one-too-far", "scenarios", "fuzzed_packets",
            "UBSAN: array-index-out-of-bounds.*|KASAN: stack-out-of-bounds.*", "spa.c",
            [("for (i = 0; i < SHA256_DIGEST_SIZE; i++) {",
              "for (i = 0; i <= SHA256_DIGEST_SIZE; i++) {")]),
    Planted("length-that-lies", "scenarios", "fuzzed_packets", "in by no (udp|spa): .*", "match.c",
            [("\tif (len < sizeof(*udp) ||\n"
              "\t    (!packet->is_fragment && len > packet->skb->len - offset))\n",
              "\tif (len < sizeof(*udp))\n")]),
    Planted("later-fragment", "scenarios", "fuzzed_packets", "in by no (tcp|udp|spa): .*",
            "match.c", [("if (ntohs(ip->frag_off) & IP_OFFSET || ip->ihl", "if (ip->ihl")]),
    Planted("token-in-one-buffer", "scenarios", "fuzzed_packets_reassembled",
            "kept out: .*|KASAN: .*", "match.c",
            [("\tpayload = skb_header_pointer(packet->skb, packet->payload,\n"
              "\t\t\t\t     sizeof(buffer), buffer);\n",
              "\tpayload = packet->skb->data + packet->payload;\n")]),
    Planted("missing-unlock", "failures", "rule",
            "WARNING: (lock held when returning to user space|possible circular locking).*",
            "doors.c",
            [("\tif (!IS_ERR(door))\n\t\tWRITE_ONCE(door->rules, door->rules + 1);\n",
              "\tif (IS_ERR(door))\n\t\treturn door;\n"
              "\tWRITE_ONCE(door->rules, door->rules + 1);\n")]),
    Planted("double-free", "failures", "rule", "KASAN: double-free in .*", "rule.c",
            [("err_rule:\n\tkfree_sensitive(rule);\n",
              "err_rule:\n\tkfree_sensitive(rule);\n\tkfree(rule);\n")]),
    Planted("leak-on-error", "failures", "rule", "unreferenced object .*", "rule.c",
            [("err_rule:\n\tkfree_sensitive(rule);\n", "err_rule:\n")]),
    Planted("warning-to-strangers", "failures", "request_of_a_packet",
            "a stranger fills the kernel's log", "events.c",
            [("PKNOCK_NLGRP_EVENTS, GFP_ATOMIC | __GFP_NOWARN);",
              "PKNOCK_NLGRP_EVENTS, GFP_ATOMIC);")]),
    Planted("token-not-remembered", "failures", "request_of_a_packet",
            "token-again: .* is ALLOWED at TOKEN after request .* failed", "tokens.c",
            [("\tif (!entry)\n\t\treturn -ENOMEM;\n", "\tif (!entry)\n\t\treturn 0;\n")]),
    Planted("leak-of-a-queue", "failures", "command[module]", "still False after .*", "doors.c",
            [("\tif (err)\n\t\tpknock_door_workers_exit();\n", "")]),
    Planted("leak-of-a-rule", "churn", "rules_are_replaced",
            "unreferenced object .*", "rule.c",
            [("\tpknock_door_put(rule->door);\n\tkfree_sensitive(rule);\n",
              "\tpknock_door_put(rule->door);\n")]),
    Planted("leak-of-a-namespace", "churn", "namespaces", "unreferenced object .*", "doors.c",
            [("\tpknock_procfs_exit(net);\n\tpknock_doors_put(doors);\n",
              "\tpknock_procfs_exit(net);\n")]),
]
