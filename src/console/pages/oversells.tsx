import { useState } from "preact/hooks";
import type { Oversell, OversellPage, Resolution } from "../../client/types.ts";
import { announce } from "../announce.ts";
import { ask, path } from "../api.ts";
import { count, units } from "../format.ts";
import type { PageProps } from "../page.ts";
import { Ago } from "../parts/ago.tsx";
import { Dialog, DialogForm } from "../parts/dialog.tsx";
import { ChoiceField, TextField } from "../parts/field.tsx";
import { Empty, Failure, Loading, Stale } from "../parts/states.tsx";
import { Mark } from "../parts/status.tsx";
import { Table } from "../parts/table.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { useResource } from "../resource.ts";
import { addressOf } from "../route.ts";
import { may } from "../session.ts";
import { useAction } from "../use-action.ts";

const everyMs = 5_000;

const resolutions: readonly (readonly [Resolution["resolution"], string])[] = [
  ["restocked", "Units came in or were found"],
  ["cancelled", "The sale was undone"],
  ["substituted", "The buyer got something else"],
];

/** Facts that took more than there was, and how each was settled. */
export function Page({ query }: PageProps) {
  const tab = query["tab"] === "resolved" ? "resolved" : "open";
  const { value, error, reload } = useResource(
    tab,
    (signal) => ask<OversellPage>("/v1/oversells", { query: { state: tab, limit: 200 }, signal }),
    everyMs,
  );
  const open = value === undefined ? "" : ` (${count(value.openCount)})`;
  return (
    <section class="page">
      <div class="page-head">
        <h1 tabIndex={-1}>Oversells</h1>
        {value !== undefined && value.openUnits > 0 && (
          <span class="muted">{units(value.openUnits)} sold that were not there</span>
        )}
      </div>
      <div class="panel panel-tabs">
        <Tabs
          label="Oversells"
          current={tab}
          tabs={[
            { name: "open", title: `Open${open}` },
            { name: "resolved", title: "Settled" },
          ]}
        >
          {value === undefined ? (
            error === undefined ? (
              <Loading rows={4} label="Loading oversells" />
            ) : (
              <Failure error={error} retry={reload} />
            )
          ) : value.items.length === 0 ? (
            <Nothing tab={tab} />
          ) : (
            <>
              <Stale error={error} retry={reload} />
              <List page={value} reload={reload} />
            </>
          )}
        </Tabs>
      </div>
    </section>
  );
}

function Nothing({ tab }: { tab: "open" | "resolved" }) {
  if (tab === "resolved") return <Empty title="Nothing was settled yet" />;
  return (
    <Empty title="Nothing is oversold">
      <p>
        Requests are never given more than there is. What a channel has sold already is recorded all the same;
        if it took more than there was, it appears here.
      </p>
    </Empty>
  );
}

function List({ page, reload }: { page: OversellPage; reload: () => void }) {
  const [settling, setSettling] = useState<Oversell>();
  return (
    <>
      <Table label="Oversells">
        <thead>
          <tr>
            <th scope="col">SKU</th>
            <th scope="col" class="number">
              Short
            </th>
            <th scope="col">By</th>
            <th scope="col">When</th>
            <th scope="col">
              <span class="visually-hidden">Settled</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {page.items.map((oversell) => (
            <Row key={oversell.id} oversell={oversell} onSettle={setSettling} />
          ))}
        </tbody>
      </Table>
      {page.nextCursor !== undefined && <p class="hint">The newest {page.items.length} are shown.</p>}
      {settling !== undefined && (
        <SettleDialog oversell={settling} onDone={reload} onClose={() => setSettling(undefined)} />
      )}
    </>
  );
}

function Row({ oversell, onSettle }: { oversell: Oversell; onSettle: (oversell: Oversell) => void }) {
  const { sku, units: short, at, resolution, note } = oversell;
  return (
    <tr>
      <th scope="row">
        <a class="mono" href={addressOf(["skus", sku])}>
          {sku}
        </a>
      </th>
      <td class="number danger-text strong">{count(short)}</td>
      <td>{causeOf(oversell)}</td>
      <td>
        <Ago at={at} />
      </td>
      <td class="row-actions">
        {resolution !== undefined ? (
          <span title={note}>
            <Mark tone="good">{resolution}</Mark>
          </span>
        ) : (
          may("stock:write") && (
            <button type="button" aria-label={`Settle ${sku}`} onClick={() => onSettle(oversell)}>
              Settle
            </button>
          )
        )}
      </td>
    </tr>
  );
}

function causeOf({ cause, channel, orderId }: Oversell): string {
  return cause === "count"
    ? "a stocktake that found less"
    : `order ${orderId ?? ""} on ${channel ?? "a channel"}`;
}

interface SettleProps {
  readonly oversell: Oversell;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

function SettleDialog({ oversell, onDone, onClose }: SettleProps) {
  const action = useAction();
  const [resolution, setResolution] = useState<string>("restocked");
  const [note, setNote] = useState("");
  const settle = () =>
    action.run(async () => {
      const body = { resolution, ...(note.trim() !== "" && { note: note.trim() }) };
      await ask(path`/v1/oversells/${oversell.id}/resolution`, { method: "POST", body });
      announce(`The oversell of ${oversell.sku} is settled.`);
      onDone();
      onClose();
    });
  return (
    <Dialog title={`Settle ${oversell.sku}`} onClose={onClose}>
      <DialogForm action={action} verb="Settle" onSubmit={() => void settle()}>
        <p class="hint">
          {units(oversell.units)} short, by {causeOf(oversell)}. This is a note for people and moves no stock:
          record the receipt, cancellation or count as well.
        </p>
        <ChoiceField label="What happened" value={resolution} options={resolutions} onValue={setResolution} />
        <TextField label="Note (optional)" value={note} onValue={setNote} />
      </DialogForm>
    </Dialog>
  );
}
