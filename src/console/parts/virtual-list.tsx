import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { rowWindow, type RowWindow } from "../window.ts";

const spareRows = 12;

interface Props {
  /** How many rows there are, loaded or not. */
  readonly count: number;
  readonly rowHeight: number;
  readonly label: string;
  /** What is shown is about to be replaced. */
  readonly isDim: boolean;
  /** Stands above the rows and stays there. */
  readonly head: ComponentChildren;
  /** Called with the rows that are drawn, whenever these change. */
  readonly onWindow: (window: RowWindow) => void;
  readonly row: (index: number) => ComponentChildren;
}

/** A table of any length: only the rows that are looked at exist. Arrow keys go from row to row. */
export function VirtualList({ count, rowHeight, label, isDim, head, onWindow, row }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({ scrolled: 0, height: 800 });
  const shown = rowWindow(place.scrolled, place.height, rowHeight, count, spareRows);

  const look = () => {
    const element = box.current;
    if (element === null) return;
    const { scrollTop, clientHeight } = element;
    setPlace((before) => {
      const isSame = before.scrolled === scrollTop && before.height === clientHeight;
      return isSame ? before : { scrolled: scrollTop, height: clientHeight };
    });
  };
  useLayoutEffect(look, [rowHeight]);
  useEffect(() => {
    const observer = new ResizeObserver(look);
    if (box.current !== null) observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  useEffect(() => onWindow(shown), [shown.first, shown.end, count]);

  const indexes = Array.from({ length: Math.max(0, shown.end - shown.first) }, (_, at) => shown.first + at);
  return (
    <div
      ref={box}
      class="rows"
      role="table"
      aria-label={label}
      aria-rowcount={count + 1}
      aria-busy={isDim}
      tabIndex={0}
      onScroll={look}
      onKeyDown={(event) => moveFocus(event, box.current, rowHeight)}
    >
      {head}
      <div class="rows-space" role="rowgroup" style={{ height: `${count * rowHeight}px` }}>
        <div class="rows-shown" style={{ transform: `translateY(${shown.first * rowHeight}px)` }}>
          {indexes.map(row)}
        </div>
      </div>
    </div>
  );
}

/** Up and down go from the link of one row to that of the next, and scroll with it. */
function moveFocus(event: KeyboardEvent, box: HTMLElement | null, rowHeight: number): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const row = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-row]") : null;
  if (step === undefined || box === null) return;
  if (row === null) {
    if (step < 0 || event.target !== box) return;
    event.preventDefault();
    box.querySelector<HTMLElement>("[data-row] a")?.focus();
    return;
  }
  const next = box.querySelector<HTMLElement>(`[data-row="${Number(row.dataset["row"]) + step}"] a`);
  if (next === null) return;
  event.preventDefault();
  next.focus({ preventScroll: true });
  const top = Number(next.closest<HTMLElement>("[data-row]")?.dataset["row"]) * rowHeight;
  const headHeight = box.querySelector<HTMLElement>(".rows-head")?.offsetHeight ?? 0;
  const free = box.clientHeight - headHeight;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (top + rowHeight > box.scrollTop + free) box.scrollTop = top + rowHeight - free;
}
