# SPDX-License-Identifier: GPL-2.0-or-later
function __pknockctl_doors
    command ls /proc/net/xt_pknock 2>/dev/null
end

# At the second word.
function __pknockctl_second
    test (count (commandline -opc)) -eq 2
end

set -l command __fish_seen_subcommand_from

complete -c pknockctl -f
complete -c pknockctl -l help -d 'show the options'
complete -c pknockctl -n __fish_use_subcommand -l version -d 'show the version'
complete -c pknockctl -n __fish_use_subcommand -a list -d 'doors, and who may pass or is on the way'
complete -c pknockctl -n __fish_use_subcommand -a show -d 'a door, who is there, what happened'
complete -c pknockctl -n __fish_use_subcommand -a stats -d 'what happened at doors since they were made'
complete -c pknockctl -n __fish_use_subcommand -a watch -d 'the same as list, as it changes'
complete -c pknockctl -n __fish_use_subcommand -a monitor -d 'tell what happens, a line an event'
complete -c pknockctl -n __fish_use_subcommand -a allow -d 'open a door, or begin its time anew'
complete -c pknockctl -n __fish_use_subcommand -a revoke -d 'close a door for an address'
complete -c pknockctl -n __fish_use_subcommand -a flush -d 'close a door for everybody'
complete -c pknockctl -n __fish_use_subcommand -a save -d 'keep who may pass in a file'
complete -c pknockctl -n __fish_use_subcommand -a restore -d 'open the doors that were saved'
complete -c pknockctl -n __fish_use_subcommand -a check -d 'look for mistakes in the rules with doors'
complete -c pknockctl -n __fish_use_subcommand -a setup -d 'make rules for a door'

complete -c pknockctl -n "$command show stats allow revoke flush; and __pknockctl_second" -a '(__pknockctl_doors)'
complete -c pknockctl -n "$command save restore" -F
complete -c pknockctl -n "$command list show stats monitor allow revoke flush save restore check setup" -l json -d 'print JSON'
complete -c pknockctl -n "$command list watch" -l open -d 'only those who may pass'
complete -c pknockctl -n "$command monitor" -l door -x -a '(__pknockctl_doors)' -d 'at this door only'
complete -c pknockctl -n "$command allow" -l ttl -x -d 'for how long: 90s, 15m, 8h, 7d'
complete -c pknockctl -n "$command allow" -l create -d 'even if no rule names the door yet'
complete -c pknockctl -n "$command revoke" -l kill-flows -d 'end the connections from there, too'
complete -c pknockctl -n "$command flush" -l all -d 'close all doors'
complete -c pknockctl -n "$command check" -l file -rF -d 'what iptables-save printed'
complete -c pknockctl -n "$command check" -l file6 -rF -d 'what ip6tables-save printed'
complete -c pknockctl -n "$command setup; and __pknockctl_second" -a ssh
complete -c pknockctl -n "$command setup" -l port -x -d 'TCP port of the SSH server'
complete -c pknockctl -n "$command setup" -l door -x -a '(__pknockctl_doors)' -d 'the name of the door'
complete -c pknockctl -n "$command setup" -l sequence -x -d 'open by knocks on these ports'
complete -c pknockctl -n "$command setup" -l spa -d 'open by one authenticated datagram'
complete -c pknockctl -n "$command setup" -l knock-port -x -d 'the UDP port of --spa'
complete -c pknockctl -n "$command setup" -l ttl -x -d 'how long the door stays open, in seconds'
complete -c pknockctl -n "$command setup" -l client-source -x -d 'who may knock'
complete -c pknockctl -n "$command setup" -l backend -x -a 'nft legacy' -d 'of iptables'
complete -c pknockctl -n "$command setup" -l confirm-within -x -d 'seconds before all is rolled back'
complete -c pknockctl -n "$command setup" -l confirm -x -d 'keep the rules that wait for this token'
complete -c pknockctl -n "$command setup" -s n -l dry-run -d 'show the rules, change nothing'
complete -c pknockctl -n "$command setup" -s y -l yes -d 'ask nothing'
