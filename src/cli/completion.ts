/** Completion scripts, written from the tree of commands: subcommands first, then options, else files. */
import type { Command } from 'commander';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

interface Node {
  /** `rotate apply`; empty for the program itself. */
  path: string;
  commands: { name: string; description: string }[];
  options: { flag: string; description: string }[];
}

export function completionScript(shell: Shell, program: Command): string {
  const root = optionsOf(program);
  const nodes = nodesOf(program, '', root);
  if (shell === 'fish') return fish(nodes);
  return shell === 'bash' ? bash(nodes) : zsh(nodes);
}

const optionsOf = (command: Command) =>
  command.options.flatMap(({ long, description }) => (long ? [{ flag: long, description }] : []));

function nodesOf(command: Command, path: string, inherited: Node['options']): Node[] {
  const commands = command.commands.map((one) => ({ name: one.name(), description: one.description() }));
  const own = path === '' ? [] : optionsOf(command);
  const options = [...own, ...inherited, { flag: '--help', description: 'help' }];
  const children = command.commands.flatMap((one) => nodesOf(one, `${path} ${one.name()}`.trim(), inherited));
  return [{ path, commands, options }, ...children];
}

/** Lines of a shell `case` that set what may come after each path of commands. */
function cases(nodes: Node[], line: (node: Node) => string): string {
  return nodes.map((node) => `    '${node.path}') ${line(node)} ;;`).join('\n');
}

const words = (node: Node): string => node.commands.map(({ name }) => name).join(' ');
const flags = (node: Node): string => node.options.map(({ flag }) => flag).join(' ');

/** Walks the words that were typed, as far as they are commands. Works alike in bash and zsh. */
const walk = (nodes: Node[]) => `
_firebreak_next() {
  case "$1" in
${cases(nodes, (node) => `echo '${words(node)}'`)}
  esac
}
_firebreak_flags() {
  case "$1" in
${cases(nodes, (node) => `echo '${flags(node)}'`)}
  esac
}
_firebreak_path() {
  local trail='' word
  for word in "$@"; do
    case " $(_firebreak_next "$trail") " in
      *" $word "*) trail="\${trail:+$trail }$word" ;;
    esac
  done
  echo "$trail"
}`;

const bash = (
  nodes: Node[],
) => `# firebreak completion for bash: source <(firebreak completion bash)${walk(nodes)}
_firebreak() {
  local current="\${COMP_WORDS[COMP_CWORD]}" trail next
  trail="$(_firebreak_path "\${COMP_WORDS[@]:1:COMP_CWORD-1}")"
  next="$(_firebreak_next "$trail")"
  if [[ "$current" == -* ]]; then
    COMPREPLY=($(compgen -W "$(_firebreak_flags "$trail")" -- "$current"))
  elif [[ -n "$next" ]]; then
    COMPREPLY=($(compgen -W "$next" -- "$current"))
  else
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}
complete -o filenames -F _firebreak firebreak
`;

const zsh = (nodes: Node[]) => `#compdef firebreak
# firebreak completion for zsh: source <(firebreak completion zsh)${walk(nodes)}
_firebreak() {
  local current="\${words[CURRENT]}" next
  local trail="$(_firebreak_path "\${(@)words[2,CURRENT-1]}")"
  next="$(_firebreak_next "$trail")"
  if [[ "$current" == -* ]]; then
    compadd -- \${=$(_firebreak_flags "$trail")}
  elif [[ -n "$next" ]]; then
    compadd -- \${=next}
  else
    _files
  fi
}
compdef _firebreak firebreak
`;

/** Fish asks each rule whether it applies; the rule compares the commands that were typed. */
function fish(nodes: Node[]): string {
  const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const all = [...new Set(nodes.flatMap((node) => node.commands.map(({ name }) => name)))];
  const rules = nodes.flatMap(({ path, commands, options }) => {
    const when = `-n ${quote(`test "$(__firebreak_path)" = "${path}"`)}`;
    return [
      ...commands.map(
        ({ name, description }) => `complete -c firebreak -f ${when} -a ${name} -d ${quote(description)}`,
      ),
      ...options.map(
        ({ flag, description }) =>
          `complete -c firebreak ${when} -l ${flag.slice(2)} -d ${quote(description)}`,
      ),
    ];
  });
  return `# firebreak completion for fish
function __firebreak_path
  set -l path
  for word in (commandline -opc)[2..-1]
    if contains -- $word ${all.join(' ')}
      set -a path $word
    end
  end
  echo "$path"
end
${rules.join('\n')}
`;
}
