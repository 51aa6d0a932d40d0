import { useState } from "preact/hooks";
import type { ChannelStatusView, ChannelView } from "../../protocol/channel.ts";
import type { ImportView } from "../../protocol/reconciliation.ts";
import { announce } from "../announce.ts";
import { ask, path } from "../api.ts";
import { wordsOf } from "../form.ts";
import { count, units } from "../format.ts";
import { Ago } from "../parts/ago.tsx";
import { Failure, Loading } from "../parts/states.tsx";
import { useResource } from "../resource.ts";
import { addressOf } from "../route.ts";
import { useAction } from "../use-action.ts";
import { ruleWords } from "./rule.ts";

/** How the channel is set up; where to change it; and its listings from its own items. */
export function SettingsPanel({ status }: { status: ChannelStatusView }) {
  const { id, abilities } = status;
  const { value, error, reload } = useResource(id, (signal) =>
    ask<ChannelView>(path`/v1/channels/${id}/settings`, { signal }),
  );
  if (value === undefined) {
    if (error !== undefined) return <Failure error={error} retry={reload} />;
    return <Loading rows={5} label="Loading settings" />;
  }
  return (
    <>
      <dl class="settings">
        {Object.entries(value.settings).map(([name, setting]) => (
          <Pair
            key={name}
            name={wordsOf(name)}
            value={Array.isArray(setting) ? setting.join(", ") : String(setting)}
          />
        ))}
        <Pair name="Shows" value={value.listings === "all" ? "All SKUs" : "Only SKUs with a listing"} />
        <Pair name="Publication rule" value={ruleWords(value.rule)} />
        <Pair name="Credentials" value={value.hasCredentials ? "Stored, encrypted" : "None stored"} />
        <div>
          <dt>Changed</dt>
          <dd>
            <Ago at={value.updatedAt} />
          </dd>
        </div>
      </dl>
      <p>
        <a class="button" href={addressOf(["connect"], { id })}>
          Change the settings
        </a>
      </p>
      {abilities.canRead && <ImportPanel id={id} />}
    </>
  );
}

function Pair({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function ImportPanel({ id }: { id: string }) {
  const action = useAction();
  const [result, setResult] = useState<ImportView>();
  const run = (dryRun: boolean) =>
    action.run(async () => {
      const done = await ask<ImportView>(path`/v1/channels/${id}/listings/import`, {
        method: "POST",
        body: { dryRun },
      });
      setResult(done);
      if (!dryRun) announce(`${units(done.counts.matched, "listing")} imported.`);
    });
  return (
    <>
      <h3 class="section">Import listings</h3>
      <p class="hint">
        Reads all that the channel offers and lists each item under the SKU that it names. A look first
        changes nothing.
      </p>
      <div class="toolbar">
        <button type="button" disabled={action.isRunning} onClick={() => void run(true)}>
          Look first
        </button>
        <button type="button" disabled={action.isRunning} onClick={() => void run(false)}>
          Import
        </button>
      </div>
      <div role="status">
        {action.error !== undefined && <p class="notice notice-danger">{action.error.message}</p>}
        {result !== undefined && action.error === undefined && <p class="notice">{importWords(result)}</p>}
      </div>
    </>
  );
}

function importWords({ state, dryRun, items, counts, failure }: ImportView): string {
  if (failure !== undefined) return `The channel could not be read: ${failure.detail}`;
  const verb = dryRun ? "would be listed" : "are listed now";
  const found =
    `${units(items, "item")} read: ${count(counts.matched)} ${verb}, ${count(counts.alreadyListed)} were already, ` +
    `${count(counts.unknownSku)} name a SKU that is not known here, ${count(counts.withoutSku)} name none, ` +
    `${units(counts.duplicates, "SKU")} are named by several.`;
  return state === "running" ? `${found} It goes on.` : found;
}
