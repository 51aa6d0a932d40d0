import { Argument, type Command } from "commander";
import type { Stage } from "../on-service.ts";

const shells = ["bash", "zsh", "fish"] as const;
type Shell = (typeof shells)[number];

const help = `
Examples:
  stockwire completion bash > ~/.local/share/bash-completion/completions/stockwire
  stockwire completion zsh > "\${fpath[1]}/_stockwire"
  stockwire completion fish > ~/.config/fish/completions/stockwire.fish`;

export function addCompletion(program: Command, { io }: Stage): void {
  program
    .command("completion")
    .description("print what makes a shell complete commands and options")
    .addArgument(new Argument("<shell>").choices(shells))
    .addHelpText("after", help)
    .action((shell: Shell) => io.out(completionOf(shell, wordsOf(program))));
}

/** What may follow a command line: a command, as its words, with the words and options that may come next. */
export interface Words {
  /** `channels put`, or nothing for the program itself. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly summary: string }[];
  readonly options: readonly { readonly name: string; readonly summary: string }[];
}

/** The commands of a program and all below, each with what may follow it. */
export function wordsOf(command: Command, path = ""): Words[] {
  const commands = command.commands.map((one) => ({ name: one.name(), summary: summaryOf(one) }));
  const options = command.options.flatMap(({ long, description }) =>
    typeof long === "string" ? [{ name: long, summary: description }] : [],
  );
  const below = command.commands.flatMap((one) => wordsOf(one, `${path} ${one.name()}`.trim()));
  return [{ path, commands, options: [...options, { name: "--help", summary: "how it is used" }] }, ...below];
}

function summaryOf(command: Command): string {
  return command.summary() || command.description();
}

export function completionOf(shell: Shell, words: readonly Words[]): string {
  if (shell === "fish") return fish(words);
  const script = bash(words);
  return shell === "bash"
    ? script
    : `#compdef stockwire\nautoload -U bashcompinit && bashcompinit\n${script}`;
}

/** The longest command that the line begins with says what may follow; where nothing may, files are offered. */
function bash(words: readonly Words[]): string {
  const cases = words.map(({ path, commands, options }) => {
    const next = [...commands, ...options].map(({ name }) => name).join(" ");
    return `    "${path}") echo "${next}" ;;`;
  });
  return `_stockwire_words() {
  case "$1" in
${cases.join("\n")}
    *) return 1 ;;
  esac
}

_stockwire() {
  local word path="" current="\${COMP_WORDS[COMP_CWORD]}"
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    _stockwire_words "\${path:+$path }$word" >/dev/null && path="\${path:+$path }$word"
  done
  COMPREPLY=($(compgen -W "$(_stockwire_words "$path")" -- "$current"))
}

complete -o default -F _stockwire stockwire`;
}

function fish(words: readonly Words[]): string {
  const lines = words.flatMap(({ path, commands, options }) => {
    const parts = path === "" ? [] : path.split(" ");
    const seen = parts.map((part) => `__fish_seen_subcommand_from ${part}`);
    const none =
      commands.length > 0
        ? [`not __fish_seen_subcommand_from ${commands.map(({ name }) => name).join(" ")}`]
        : [];
    const when = [...seen, ...none].join("; and ");
    const condition = when === "" ? "" : ` -n ${quoted(when)}`;
    return [
      ...commands.map(
        ({ name, summary }) => `complete -c stockwire -f${condition} -a ${name} -d ${quoted(summary)}`,
      ),
      ...options.map(({ name, summary }) => {
        return `complete -c stockwire${condition} -l ${name.slice(2)} -d ${quoted(summary)}`;
      }),
    ];
  });
  return lines.join("\n");
}

function quoted(text: string): string {
  return `'${(text.split("\n")[0] ?? "").replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
