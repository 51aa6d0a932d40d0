/**
 * Dependencies point down only. A floor may use itself and what stands below it; the order here is the house
 * of docs/architecture.md, top floor first.
 */
const floors = [
  ["^src/worker\\.ts$"],
  ["^src/app\\.ts$"],
  ["^src/api/", "^src/agents/"],
  ["^src/http/"],
  [
    "^src/reservation/",
    "^src/order/",
    "^src/channel/",
    "^src/sku/",
    "^src/feed/",
    "^src/allowance/",
    "^src/escrow/",
  ],
  ["^src/ledger/"],
  ["^src/storage/"],
  ["^src/telemetry/"],
  ["^src/stock/", "^src/lab/"],
  ["^src/protocol/"],
];

/** The rooms of `src/channel/`, in the same order. What lies open there is the object, except what all parts speak of. */
const channelRooms = [
  ["^src/channel/(?!record|contract)[^/]+\\.ts$", "^src/channel/approval/"],
  ["^src/channel/reconciliation/", "^src/channel/inbound/"],
  ["^src/channel/publishing/"],
  ["^src/channel/listings/"],
  ["^src/channel/record\\.ts$"],
  ["^src/channel/adapters/", "^src/channel/secrets/"],
  ["^src/channel/contract\\.ts$"],
  ["^src/channel/kit/"],
];

const downOnly = (order) =>
  order.slice(1).map((floor, index) => ({
    name: `nothing-above-${floor[0].replaceAll(/[^a-z]/g, "").replace("src", "")}`,
    severity: "error",
    from: { path: floor },
    to: { path: order.slice(0, index + 1).flat() },
  }));

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    ...downOnly(floors),
    ...downOnly(channelRooms),
    {
      name: "the-domain-is-pure",
      comment: "stock/ and protocol/ know no platform: no Workers import, no I/O.",
      severity: "error",
      from: { path: "^src/(stock|protocol)/" },
      to: { pathNot: ["^src/(stock|protocol)/", "node_modules/(immutable|zod)/"] },
    },
    {
      name: "the-lab-is-pure",
      comment: "lab/ runs in the Worker, in the browser and on the command line: no platform, no I/O.",
      severity: "error",
      from: { path: "^src/lab/" },
      to: { pathNot: ["^src/(lab|protocol)/", "node_modules/zod/"] },
    },
    {
      name: "the-checker-is-pure",
      comment: "verify/ is the package export stockwire/verify: it runs anywhere.",
      severity: "error",
      from: { path: "^src/verify/" },
      to: { pathNot: ["^src/(verify|stock|protocol)/", "node_modules/(immutable|zod)/"] },
    },
    {
      name: "the-worker-does-not-know-where-it-runs",
      severity: "error",
      from: {
        path: "^src/(worker\\.ts|app\\.ts|api|agents|http|reservation|order|channel|sku|feed|allowance|escrow|ledger|storage|telemetry|stock|lab|protocol)",
      },
      to: { path: ["^src/(embedded|cli|client|console|deploy)/", "^node:"] },
    },
    {
      name: "the-console-talks-over-http",
      comment: "It is a page: it knows what crosses the boundary, and nothing of the Worker behind it.",
      severity: "error",
      from: { path: "^src/console/", pathNot: "vite\\.config\\.ts$" },
      to: { pathNot: ["^src/(console|client|lab|protocol)/", "node_modules/(preact|uplot|zod)/"] },
    },
    {
      name: "the-client-stands-on-the-protocol-alone",
      comment: "It runs anywhere, and is published: schemas as types only, nothing of a platform.",
      severity: "error",
      from: { path: "^src/client/" },
      to: { pathNot: ["^src/(client|protocol)/", "^src/storage/backoff\\.ts$", "node_modules/zod/"] },
    },
    {
      name: "the-client-carries-no-schemas",
      severity: "error",
      from: { path: "^src/client/" },
      to: { path: "node_modules/zod/", dependencyTypesNot: ["type-only"] },
    },
  ],
  options: {
    parser: "swc",
    doNotFollow: { path: "node_modules" },
    builtInModules: { add: ["cloudflare:workers", "cloudflare:test"] },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["workerd", "import", "types"] },
  },
};
