/** A block of code in a document. */
export interface Block {
  readonly language: string;
  readonly text: string;
  /** Line of the document at which it begins, counted from 1. */
  readonly line: number;
}

/** A request that a document shows, and the answer it shows after it. */
export interface ShownRequest {
  readonly line: number;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** The status it shows; undefined if any success will do. */
  readonly status: number | undefined;
  /** Names of the fields that its answer shows. */
  readonly fields: readonly string[];
}

/** All fenced blocks of a document, in order. */
export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  let open: { language: string; line: number; lines: string[] } | undefined;
  for (const [index, line] of markdown.split("\n").entries()) {
    const fence = /^```(\w*)$/.exec(line);
    if (fence === null) {
      open?.lines.push(line);
    } else if (open === undefined) {
      open = { language: fence[1] ?? "", line: index + 2, lines: [] };
    } else {
      blocks.push({ language: open.language, line: open.line, text: open.lines.join("\n") });
      open = undefined;
    }
  }
  return blocks;
}

const requestLine = /^(GET|POST|PUT|PATCH|DELETE) (\/\S+)$/;

/** The requests that blocks show; a block that follows one and begins with a status or an object is its answer. */
export function requestsOf(blocks: readonly Block[]): ShownRequest[] {
  return blocks.flatMap((block, index) => {
    const [first = "", ...rest] = block.text.split("\n");
    const [, method, path] = requestLine.exec(first) ?? [];
    if (method === undefined || path === undefined) return [];
    const headers: Record<string, string> = {};
    let next = 0;
    for (; next < rest.length; next += 1) {
      const [, name, value] = /^([A-Za-z-]+): (.+)$/.exec(rest[next] ?? "") ?? [];
      if (name === undefined || value === undefined) break;
      headers[name.toLowerCase()] = value;
    }
    const body = rest.slice(next).join("\n").trim();
    const answer = blocks[index + 1];
    const isAnswer =
      answer !== undefined && answer.language === block.language && /^(HTTP\/1\.1 \d|\{)/.test(answer.text);
    const status = isAnswer ? /^HTTP\/1\.1 (\d{3})/.exec(answer.text)?.[1] : undefined;
    return [
      {
        line: block.line,
        method,
        path,
        headers,
        body: body === "" ? undefined : body,
        status: status === undefined ? undefined : Number(status),
        fields: isAnswer ? [...answer.text.matchAll(/"(\w+)":/g)].map(([, name]) => name ?? "") : [],
      },
    ];
  });
}

/** The commands of a shell block, one each; what goes on over several lines is one. */
export function commandsOf({ text }: Block): string[] {
  const commands: string[] = [];
  let command = "";
  for (const line of text.split("\n")) {
    if (command === "" && (line.trim() === "" || line.startsWith("#"))) continue;
    command += command === "" ? line : `\n${line}`;
    // An apostrophe in a comment opens nothing.
    const code = command.replaceAll(/ #[^\n]*/g, "");
    const isOpen = code.endsWith("\\") || (code.match(/'/g)?.length ?? 0) % 2 === 1;
    if (isOpen) continue;
    commands.push(command);
    command = "";
  }
  return command === "" ? commands : [...commands, command];
}
