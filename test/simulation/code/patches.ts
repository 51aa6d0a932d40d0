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

const memory =
  /^(?:export )?(?:let (\w+)(?:: [^=]+)? = ([^;]+);|const (\w+)(?:: [^=]+)? = new (?:Map|Set)(?:<.*>)?\(\);)$/gm;

/**
 * Has a module forget what it learned while it ran, as when the platform starts it anew: a `let` at its top level gets
 * its first value back, and a map or set that began empty is empty again.
 */
export function forgetful(source: string): string {
  const resets = [...source.matchAll(memory)].map(([, name, first, collection]) =>
    name === undefined ? `${collection}.clear();` : `${name} = ${first};`,
  );
  return resets.length === 0 ? source : `${source}\n__whenForgotten(() => { ${resets.join(" ")} });\n`;
}
