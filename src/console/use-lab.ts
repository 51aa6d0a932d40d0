import { useEffect, useRef, useState } from "preact/hooks";
import type { SyncGapReport } from "../protocol/sync-gap.ts";
import type { LabDay } from "./sync-gap-worker.ts";

export interface Lab {
  readonly report: SyncGapReport | undefined;
  readonly isReckoning: boolean;
  readonly hasFailed: boolean;
  /** Sells a day; one that is being sold is given up. */
  readonly sell: (day: LabDay) => void;
  /** Shows a report that was made elsewhere. */
  readonly show: (report: SyncGapReport) => void;
}

/** The last day that was sold, by a worker beside the page. */
export function useLab(): Lab {
  const [report, setReport] = useState<SyncGapReport>();
  const [isReckoning, setIsReckoning] = useState(false);
  const [hasFailed, setHasFailed] = useState(false);
  const worker = useRef<Worker>(undefined);
  const end = () => {
    worker.current?.terminate();
    worker.current = undefined;
    setIsReckoning(false);
  };
  useEffect(() => () => worker.current?.terminate(), []);
  const show = (next: SyncGapReport) => {
    end();
    setHasFailed(false);
    setReport(next);
  };
  const sell = (day: LabDay) => {
    end();
    setHasFailed(false);
    setIsReckoning(true);
    const started = new Worker(new URL("./sync-gap-worker.ts", import.meta.url), { type: "module" });
    worker.current = started;
    started.addEventListener("message", ({ data }: MessageEvent<SyncGapReport>) => show(data));
    started.addEventListener("error", () => {
      end();
      setHasFailed(true);
    });
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker, not a window
    started.postMessage(day);
  };
  return { report, isReckoning, hasFailed, sell, show };
}
