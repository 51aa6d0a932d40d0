import type { LeakageAnswer, LeakageRequest } from "../protocol/leakage.ts";
import type { Chart } from "./svg-chart.ts";

/** The loss against the sync interval, where the shop is on that line, and where pushing each change would put it. */
export function leakageChart(request: LeakageRequest, answer: LeakageAnswer): Chart {
  const { eventDriven, byInterval } = answer;
  const pushedMinutes = eventDriven.windowSeconds / 60;
  const at: [number, number][] = byInterval.map((one) => [one.syncIntervalMinutes, one.dailyLeakage]);
  const points: [number, number][] = [[pushedMinutes, eventDriven.dailyLeakage], ...at];
  const losses = points.map(([, loss]) => loss).filter((loss) => loss > 0);
  const [lowest, highest] = [Math.min(1, ...losses), Math.max(10, ...losses)];
  return {
    title: "Loss a day, by sync interval",
    x: {
      label: "time between two polls",
      scale: "log",
      min: Math.min(pushedMinutes, request.syncIntervalMinutes),
      max: Math.max(1_440, request.syncIntervalMinutes),
      ticks: [pushedMinutes, 1 / 6, 1, 5, 15, 60, 240, 1_440],
      format: formatMinutes,
    },
    y: {
      label: request.currency ?? "amount",
      scale: "log",
      min: 10 ** Math.floor(Math.log10(lowest)),
      max: 10 ** Math.ceil(Math.log10(highest)),
      format: (value) => value.toLocaleString("en"),
    },
    series: [
      { name: "polling", points },
      {
        name: "this shop",
        style: "points",
        points: [[request.syncIntervalMinutes, answer.dailyLeakageUnrounded]],
      },
      { name: "each change pushed", style: "points", points: [[pushedMinutes, eventDriven.dailyLeakage]] },
    ],
  };
}

/** `0.5 s`, `15 min`, `4 h`. */
export function formatMinutes(minutes: number): string {
  if (minutes < 1) return `${Number((minutes * 60).toPrecision(2))} s`;
  if (minutes < 60) return `${Number(minutes.toPrecision(3))} min`;
  return `${Number((minutes / 60).toPrecision(3))} h`;
}
