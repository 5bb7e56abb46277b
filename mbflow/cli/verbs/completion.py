"""`mbflow completion`: the script of a shell, that asks `mbflow/cli/candidates.py` at each Tab."""

from __future__ import annotations

import click

from mbflow.cli.options import output_format
from mbflow.cli.output import show_as
from mbflow.model.errors import ExitCode

_BASH = r"""
_mbflow() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            +*) COMPREPLY+=("${line#+}") ;;
            file) compopt -o default ;;
            dir) compopt -o dirnames ;;
        esac
    done <<< "$(_MBFLOW_COMPLETE=bash_complete "${1/#\~/$HOME}" \
        "${COMP_LINE:0:COMP_POINT}" "$2" 2> /dev/null < /dev/null)"
} 2> /dev/null
complete -o nosort -F _mbflow mbflow 2> /dev/null || complete -F _mbflow mbflow
"""
_ZSH = r"""
#compdef mbflow
_mbflow() {
    local line value
    local -a values described
    for line in "${(@f)$(_MBFLOW_COMPLETE=zsh_complete ${(Q)~words[1]} \
        "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2> /dev/null < /dev/null)}"; do
        value=${${line#+}%%$'\t'*}
        case $line in
            (+*$'\t') values+=("$value") ;;
            (+*) described+=("${value//:/\\:}:${line#*$'\t'}") ;;
            (file) compset -P '--[^=]##='; _files ;;
            (dir) compset -P '--[^=]##='; _files -/ ;;
        esac
    done
    (( $#described )) && _describe -V mbflow described
    (( $#values )) && compadd -V mbflow -- "${values[@]}"
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _mbflow "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
    compdef _mbflow mbflow
fi
"""
_FISH = r"""
function __mbflow
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l option (string match -r -- '^--[a-z-]+=' "$current")
    set -l value (string replace -- "$option" '' "$current")
    set words[1] (string replace -r '^~' $HOME -- $words[1])
    for line in (env _MBFLOW_COMPLETE=fish_complete $words "$current" 2> /dev/null < /dev/null)
        switch $line
            case '+*'
                string sub -s 2 -- $line
            case file
                string replace -r -- '^' "$option" (__fish_complete_path "$value")
            case dir
                string replace -r -- '^' "$option" (__fish_complete_directories "$value")
        end
    end
end
complete --command mbflow --no-files --keep-order --arguments '(__mbflow)'
"""
SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


@click.command("completion")
@click.argument("shell", metavar="SHELL", type=click.Choice(list(SCRIPTS)))
@output_format("text", "json")
def command(shell: str, output_format: str) -> int:
    """Print the script that completes verbs, options, flows, environments and rules in SHELL: bash,
    zsh or fish.

    \b
    bash:  echo 'eval "$(mbflow completion bash)"' >> ~/.bashrc
    zsh:   echo 'eval "$(mbflow completion zsh)"' >> ~/.zshrc
    fish:  mbflow completion fish > ~/.config/fish/completions/mbflow.fish
    """
    script = SCRIPTS[shell].lstrip()
    show_as(output_format, {"shell": shell, "script": script}, script.rstrip("\n"))
    return ExitCode.DONE
