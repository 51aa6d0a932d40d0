/** A change of the product's source that holds for one run: `find` must stand there exactly once. */
export interface Patch {
  /** Path within the repository. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** The source with its patches. Throws if one does not fit: the code has moved on. */
export function patched(file: string, source: string, patches: readonly Patch[]): string {
  return patches
    .filter((patch) => patch.file === file)
    .reduce((text, { find, replace }) => {
      const parts = text.split(find);
      if (parts.length !== 2)
        throw new Error(`${file} has ${parts.length - 1} times instead of once:\n${find}`);
      return parts.join(replace);
    }, source);
}

/** A `let` at the top level of a formatted module, and a `const` that holds something made with `new`. */
const memory =
  /^(export )?(let|const) (\w+)(: [^\n=]+)? = ((?:new )?[^\n]*(?:\n(?: [^\n]*)?)*?(?:\n[)\]}][^\n]*)?);$/gm;

/** A `let` at the top level that holds nothing at first. */
const emptyMemory = /^(?:export )?let (\w+)(?:: [^\n=]+)?;$/gm;

/**
 * Has a module forget what it learned while it ran, as when the platform starts it anew: what it made for itself when it
 * was loaded is made again.
 */
export function forgetful(source: string): string {
  const resets: string[] = [];
  const loosened = source.replaceAll(memory, (whole, exported, word, name, type, made: string) => {
    if (word === "const" && !made.startsWith("new ")) return whole;
    resets.push(`${name} = ${made};`);
    return `${exported ?? ""}let ${name}${type ?? ""} = ${made};`;
  });
  for (const [, name] of source.matchAll(emptyMemory)) resets.push(`${name} = undefined;`);
  return resets.length === 0 ? source : `${loosened}\n__whenForgotten(() => { ${resets.join(" ")} });\n`;
}
