import { useState } from "preact/hooks";
import type { Page as PageOf } from "../../client/paged.ts";
import type { UnmatchedLine, UnmatchedReplay } from "../../client/types.ts";
import { announce } from "../announce.ts";
import { ask, path } from "../api.ts";
import { count, units } from "../format.ts";
import type { PageProps } from "../page.ts";
import { Ago } from "../parts/ago.tsx";
import { Dialog, DialogForm } from "../parts/dialog.tsx";
import { SkuField } from "../parts/sku-field.tsx";
import { Empty, Failure, Loading, Stale } from "../parts/states.tsx";
import { Table } from "../parts/table.tsx";
import { useResource } from "../resource.ts";
import { addressOf } from "../route.ts";
import { may } from "../session.ts";
import { useAction } from "../use-action.ts";

const everyMs = 5_000;

type LinePage = PageOf<UnmatchedLine>;

/** Order lines whose SKU nobody knows: say which it is, or look again after SKUs and listings were added. */
export function Page({ query }: PageProps) {
  const channel = query["channel"] ?? "";
  const { value, error, reload } = useResource(
    channel,
    (signal) => ask<LinePage>("/v1/unmatched", { query: { channel, limit: 200 }, signal }),
    everyMs,
  );
  return (
    <section class="page">
      <div class="page-head">
        <h1 tabIndex={-1}>Unmatched orders</h1>
        {value !== undefined && value.items.length > 0 && may("stock:write") && (
          <LookAgain channel={channel} reload={reload} />
        )}
      </div>
      <p class="page-lead">
        Lines of orders whose SKU nobody knows. They took nothing from any stock yet; the other lines of their
        orders stand.{" "}
        {channel !== "" && (
          <>
            Only those of {channel} are shown. <a href={addressOf(["unmatched"])}>Show all</a>
          </>
        )}
      </p>
      {value === undefined ? (
        error === undefined ? (
          <Loading rows={3} label="Loading unmatched orders" />
        ) : (
          <Failure error={error} retry={reload} />
        )
      ) : value.items.length === 0 ? (
        <Empty title="Every order line has its SKU" />
      ) : (
        <>
          <Stale error={error} retry={reload} />
          <List page={value} reload={reload} />
        </>
      )}
    </section>
  );
}

function LookAgain({ channel, reload }: { channel: string; reload: () => void }) {
  const action = useAction();
  const look = () =>
    action.run(async () => {
      const query = { channel };
      const { matched, left } = await ask<UnmatchedReplay>("/v1/unmatched/replay", { method: "POST", query });
      announce(`${units(matched, "line")} matched, ${count(left)} left.`);
      reload();
    });
  return (
    <div class="page-head-actions">
      {action.error !== undefined && <p class="field-error">{action.error.message}</p>}
      <button type="button" disabled={action.isRunning} onClick={() => void look()}>
        Look for their SKUs again
      </button>
    </div>
  );
}

function List({ page, reload }: { page: LinePage; reload: () => void }) {
  const [matching, setMatching] = useState<UnmatchedLine>();
  return (
    <div class="panel">
      <Table label="Unmatched order lines">
        <thead>
          <tr>
            <th scope="col">Item</th>
            <th scope="col" class="number">
              Units
            </th>
            <th scope="col">Order</th>
            <th scope="col">Channel</th>
            <th scope="col">Came</th>
            <th scope="col">
              <span class="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {page.items.map((line) => (
            <tr key={`${line.channel} ${line.orderId} ${line.lineId}`}>
              <th scope="row">
                <span class="mono">{line.sku}</span> <span class="muted">{line.title}</span>
              </th>
              <td class="number strong">{count(line.quantity)}</td>
              <td>{line.orderId}</td>
              <td>
                <a href={addressOf(["channels", line.channel])}>{line.channel}</a>
              </td>
              <td>
                <Ago at={line.receivedAt} />
              </td>
              <td class="row-actions">
                {may("stock:write") && (
                  <button type="button" aria-label={`Match ${line.sku}`} onClick={() => setMatching(line)}>
                    Match
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
      {page.nextCursor !== undefined && <p class="hint">The newest {page.items.length} are shown.</p>}
      {matching !== undefined && (
        <MatchDialog line={matching} onDone={reload} onClose={() => setMatching(undefined)} />
      )}
    </div>
  );
}

interface MatchProps {
  readonly line: UnmatchedLine;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

function MatchDialog({ line, onDone, onClose }: MatchProps) {
  const action = useAction();
  const [sku, setSku] = useState("");
  const canRemember = line.external !== undefined;
  const [isRemembered, setIsRemembered] = useState(canRemember);
  const match = () =>
    action.run(async () => {
      const address = path`/v1/unmatched/${line.channel}/${line.orderId}/${line.lineId}`;
      const body = { sku: sku.trim(), ...(isRemembered && { remember: true }) };
      await ask(address, { method: "POST", body });
      announce(`${line.sku} is recorded as ${sku.trim()}.`);
      onDone();
      onClose();
    });
  return (
    <Dialog title={`Which SKU is ${line.sku}?`} onClose={onClose}>
      <DialogForm action={action} verb="Match" isReady={sku.trim() !== ""} onSubmit={() => void match()}>
        <p class="hint">
          {units(line.quantity)} of order {line.orderId} on {line.channel}. They are taken from the SKU’s
          stock.
        </p>
        <SkuField label="SKU" value={sku} onValue={setSku} />
        {canRemember && (
          <label class="choice">
            <input
              type="checkbox"
              checked={isRemembered}
              onChange={(event) => setIsRemembered(event.currentTarget.checked)}
            />
            <span>Remember the channel’s item as this SKU, so that its next order matches by itself</span>
          </label>
        )}
      </DialogForm>
    </Dialog>
  );
}
