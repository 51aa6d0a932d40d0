import { describe, expect, it } from "vitest";
import { computeLeakage } from "../../../src/lab/leakage.ts";
import { leakageChart } from "../../../src/lab/leakage-chart.ts";
import { type Chart, renderCharts } from "../../../src/lab/svg-chart.ts";

const axis = { label: "n", scale: "linear", min: 0, max: 10, format: String } as const;
const chart: Chart = {
  title: "T",
  x: axis,
  y: axis,
  series: [
    {
      name: "S",
      points: [
        [0, 0],
        [10, 10],
      ],
    },
  ],
};

describe("a chart", () => {
  it("places the ends of its axes at the edges of the plot", () => {
    expect(renderCharts([chart])).toContain('d="M78 266L624 44"');
  });

  it("has a legend, and a heading for those who cannot see it", () => {
    const svg = renderCharts([chart, { ...chart, title: "U" }]);
    expect(svg).toContain('aria-label="T; U"');
    expect(svg).toContain(">S</text>");
  });

  it("escapes what it is told", () => {
    const svg = renderCharts([{ ...chart, title: `<b>&"` }]);
    expect(svg).toContain("&lt;b&gt;&amp;&quot;");
    expect(svg).not.toContain("<b>");
  });

  it("leaves out what a logarithmic axis cannot show", () => {
    const log = { ...axis, scale: "log", min: 1 } as const;
    const series = [
      {
        name: "S",
        points: [
          [0, 5],
          [1, 1],
          [10, 10],
        ],
      },
    ] as const;
    expect(renderCharts([{ ...chart, x: log, y: log, series }])).toContain('d="M78 266L624 44"');
  });

  it("is drawn for any shop", () => {
    const nothing = {
      dailyOrders: 0,
      averageOrderValue: 0,
      oversellRate: 0,
      customerLifetimeValue: 0,
      churnRate: 0,
    };
    for (const syncIntervalMinutes of [0.001, 15, 10_080]) {
      const shop = { ...nothing, syncIntervalMinutes };
      const svg = renderCharts([leakageChart(shop, computeLeakage(shop))]);
      expect(svg).not.toMatch(/NaN|Infinity/);
    }
  });
});
