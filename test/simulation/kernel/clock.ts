/** Virtual time since a run began, as hours, minutes, seconds and milliseconds. */
export function clock(ms: number): string {
  const [hours, minutes, seconds] = [ms / 3_600_000, (ms / 60_000) % 60, (ms / 1_000) % 60].map(Math.floor);
  const digits = (value: number | undefined, length: number) => String(value).padStart(length, "0");
  return `${digits(hours, 2)}:${digits(minutes, 2)}:${digits(seconds, 2)}.${digits(Math.floor(ms % 1_000), 3)}`;
}
