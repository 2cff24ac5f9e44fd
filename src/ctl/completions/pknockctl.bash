# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2207 # names of doors have no blanks

_pknockctl_doors() {
    ls /proc/net/xt_pknock 2>/dev/null
}

_pknockctl() {
    local word=$2 previous=$3 command=${COMP_WORDS[1]}
    local -A options=(
        [list]="--open --json"
        [show]="--json"
        [stats]="--json"
        [watch]="--open"
        [monitor]="--door --json"
        [allow]="--ttl --create --json"
        [revoke]="--kill-flows --json"
        [flush]="--all --json"
        [save]="--json"
        [restore]="--json"
        [check]="--file --file6 --json"
        [setup]="--port --door --sequence --spa --knock-port --ttl --client-source --backend
            --confirm-within --confirm --dry-run --yes --json"
    )
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W "${!options[*]} --help --version" -- "$word"))
    elif [ "$previous" = --door ]; then
        COMPREPLY=($(compgen -W "$(_pknockctl_doors)" -- "$word"))
    elif [[ $previous == --file?(6) ]]; then
        compopt -o default
    elif [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W "${options[$command]-} --help" -- "$word"))
    elif [[ $command == @(show|stats|allow|revoke|flush) && $COMP_CWORD -eq 2 ]]; then
        COMPREPLY=($(compgen -W "$(_pknockctl_doors)" -- "$word"))
    elif [[ $command == setup && $COMP_CWORD -eq 2 ]]; then
        COMPREPLY=($(compgen -W ssh -- "$word"))
    elif [[ $command == @(save|restore) ]]; then
        compopt -o default
    fi
}

complete -F _pknockctl pknockctl
