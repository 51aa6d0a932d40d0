const dayMs = 86_400_000;

/** A calendar day somewhere. */
export interface Day {
  /** As 2026-11-24. */
  readonly name: string;
  readonly endsAtMs: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

export function isTimeZone(timeZone: string): boolean {
  try {
    formatOf(timeZone);
    return true;
  } catch {
    // What the platform cannot format by is no time zone; the caller says so.
    return false;
  }
}

/** The calendar day at a moment in a time zone, 23 or 25 hours long when the clocks change. */
export function dayAt(nowMs: number, timeZone: string): Day {
  const now = localTime(nowMs, timeZone);
  const guessMs = nowMs - now.sinceMidnightMs + dayMs;
  const then = localTime(guessMs, timeZone);
  const offMs = then.day === now.day ? dayMs - then.sinceMidnightMs : -then.sinceMidnightMs;
  return { name: now.day, endsAtMs: guessMs + offMs };
}

function localTime(
  atMs: number,
  timeZone: string,
): { readonly day: string; readonly sinceMidnightMs: number } {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(atMs)
      .map(({ type, value }) => [type, value]),
  );
  const { year, month, day, hour, minute, second } = parts;
  const seconds = Number(hour) * 3_600 + Number(minute) * 60 + Number(second);
  return { day: `${year}-${month}-${day}`, sinceMidnightMs: seconds * 1000 + (atMs % 1000) };
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat("en-CA", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  formats.set(timeZone, format);
  return format;
}
