/** Longest title that is passed on, in characters. */
const titleCharactersMax = 80;

/**
 * A seller's words as an agent may see them: one short line without control, formatting or invisible characters, so that
 * no text can pass for more than a name. What it says is still only the seller's words.
 */
export function plainTitle(text: string): string {
  const line = text
    .normalize("NFC")
    .replaceAll(/[\p{C}\p{Z}]+/gu, " ")
    .replaceAll(/[<>`{}[\]\\|]/g, "")
    .trim();
  const characters = Array.from(line);
  return characters.length <= titleCharactersMax
    ? line
    : `${characters.slice(0, titleCharactersMax - 1).join("")}…`;
}
