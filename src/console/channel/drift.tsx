import type { ChannelStatusView } from "../../protocol/channel.ts";
import type { DriftEntry, DriftView, ReconciliationView } from "../../protocol/reconciliation.ts";
import { announce } from "../announce.ts";
import { ask, path } from "../api.ts";
import { count, units } from "../format.ts";
import { Ago } from "../parts/ago.tsx";
import { Empty, Failure, Loading, Stale } from "../parts/states.tsx";
import { Table } from "../parts/table.tsx";
import { useResource } from "../resource.ts";
import { addressOf } from "../route.ts";
import { useAction } from "../use-action.ts";

const everyMs = 3_000;

const policyWords: Record<DriftView["policy"], string> = {
  stockwire: "our number is published again",
  channel: "its number becomes a correction of the stock",
  alert: "it is only reported",
};

/** Listings of which the channel shows something else than it was told, and the comparisons that found them. */
export function DriftPanel({ status }: { status: ChannelStatusView }) {
  const { id, abilities } = status;
  const drift = useResource(
    id,
    (signal) => ask<DriftView>(path`/v1/channels/${id}/drift`, { signal }),
    everyMs,
  );
  const { value, error, reload } = drift;
  if (!abilities.canRead) {
    return (
      <Empty title="This kind of channel can only be told">
        <p>
          It cannot say what it shows, so nothing can be compared. Compare on its side with the listings here.
        </p>
      </Empty>
    );
  }
  if (value === undefined) {
    if (error !== undefined) return <Failure error={error} retry={reload} />;
    return <Loading rows={4} label="Loading the drift report" />;
  }
  return (
    <>
      <Stale error={error} retry={reload} />
      <div class="toolbar">
        <p class="hint">When the channel shows another number: {policyWords[value.policy]}.</p>
        <CompareNow id={id} isRunning={isUnderWay(value.runs[0])} reload={reload} />
      </div>
      {value.open.length === 0 ? (
        <Empty title="The channel shows what it was told">
          <p>{lastWords(value.runs[0])}</p>
        </Empty>
      ) : (
        <Entries label="Open drift" entries={value.open} />
      )}
      {value.runs.length > 0 && <Runs runs={value.runs} />}
    </>
  );
}

function isUnderWay(run: ReconciliationView | undefined): boolean {
  return run?.state === "running" || run?.state === "waiting";
}

function lastWords(run: ReconciliationView | undefined): string {
  if (run === undefined) return "It is compared once an hour; it was not yet.";
  return isUnderWay(run) ? "It is being compared." : "It is compared once an hour.";
}

function CompareNow({ id, isRunning, reload }: { id: string; isRunning: boolean; reload: () => void }) {
  const action = useAction();
  const compare = () =>
    action.run(async () => {
      await ask(path`/v1/channels/${id}/reconcile`, { method: "POST" });
      announce(`${id} is being compared.`);
      reload();
    });
  return (
    <>
      <button type="button" disabled={action.isRunning || isRunning} onClick={() => void compare()}>
        {isRunning ? "Comparing" : "Compare now"}
      </button>
      {action.error !== undefined && <p class="field-error">{action.error.message}</p>}
    </>
  );
}

function Entries({ label, entries }: { label: string; entries: readonly DriftEntry[] }) {
  return (
    <Table label={label}>
      <thead>
        <tr>
          <th scope="col">SKU</th>
          <th scope="col" class="number">
            Told
          </th>
          <th scope="col" class="number">
            Shows
          </th>
          <th scope="col">What it is</th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry, index) => (
          <tr key={entry.sku ?? index}>
            <th scope="row" class="mono">
              {entry.sku === undefined ? (
                (entry.title ?? "no SKU")
              ) : (
                <a href={addressOf(["skus", entry.sku])}>{entry.sku}</a>
              )}
            </th>
            <td class="number">{entry.ours === undefined ? "–" : count(entry.ours)}</td>
            <td class="number strong">{entry.theirs === undefined ? "–" : count(entry.theirs)}</td>
            <td class="wide">
              <strong>{classWords[entry.class]}.</strong> {entry.reason}
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

const classWords: Record<DriftEntry["class"], string> = {
  in_sync: "In sync",
  in_flight: "On its way",
  edited_there: "Edited there",
  lost_push: "Lost there",
  refused: "Refused",
  untold: "Not told",
  unlisted: "Not listed",
  missing_there: "Missing there",
  uncounted: "Not counted there",
};

function Runs({ runs }: { runs: readonly ReconciliationView[] }) {
  return (
    <>
      <h3 class="section">Last comparisons</h3>
      <Table label="Last comparisons">
        <thead>
          <tr>
            <th scope="col">Begun</th>
            <th scope="col">State</th>
            <th scope="col" class="number">
              Items
            </th>
            <th scope="col">Found</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.id}>
              <td>
                <Ago at={run.startAt} /> {run.startedBy === "hand" ? "by hand" : "by the clock"}
              </td>
              <td>{run.state}</td>
              <td class="number">{count(run.items)}</td>
              <td class="wide">{run.failure?.detail ?? foundWords(run)}</td>
            </tr>
          ))}
        </tbody>
      </Table>
    </>
  );
}

function foundWords({ counts, corrections }: ReconciliationView): string {
  const parts = Object.entries(counts).map(([name, howMany]) => {
    const words = classWords[name as DriftEntry["class"]];
    return `${count(howMany)} ${words.toLowerCase()}`;
  });
  return [...parts, ...(corrections > 0 ? [units(corrections, "correction")] : [])].join(", ");
}
