/** The number that was typed, in thousands with commas or without, times a power of ten; NaN if it is none. */
export function typedNumber(text: string, power = 0): number {
  const plain = text.trim().replaceAll(/\s/g, "");
  if (!/^(\d+|\d{1,3}(,\d{3})+)?(\.\d+)?$/.test(plain) || plain === "") return Number.NaN;
  // The shift is in the text, so that 0.7 % is 0.007 and not nearly so.
  return Number(`${plain.replaceAll(",", "")}e${power}`);
}
