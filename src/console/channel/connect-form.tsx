import { useState } from "preact/hooks";
import type { ChannelKindView, ChannelView, DriftPolicy, ListingsMode } from "../../protocol/channel.ts";
import type { ApiError } from "../api-error.ts";
import { ask, path } from "../api.ts";
import { formsOf, missingIn, type Typed, typedOf, valuesOf } from "../form.ts";
import { DialogForm } from "../parts/dialog.tsx";
import { ChoiceField, TextField } from "../parts/field.tsx";
import { addressOf } from "../route.ts";
import { useAction } from "../use-action.ts";
import { kindWords } from "./kinds.ts";
import { RuleFields, ruleOf, type TypedRule, typedRuleOf } from "./rule-fields.tsx";
import { SchemaFields } from "./schema-fields.tsx";

interface Props {
  readonly kind: ChannelKindView;
  readonly channel: ChannelView | undefined;
  readonly onDone: (channel: ChannelView) => void;
}

const listingChoices: readonly (readonly [ListingsMode, string])[] = [
  ["all", "All SKUs"],
  ["listed", "Only SKUs with a listing"],
];

const driftChoices: readonly (readonly [DriftPolicy, string])[] = [
  ["stockwire", "Publish our number again"],
  ["channel", "Correct the stock to its number"],
  ["alert", "Only report it"],
];

/** What one kind of channel needs, asked as its schema says it. */
export function ConnectForm({ kind, channel, onDone }: Props) {
  const action = useAction();
  const [id, setId] = useState(channel?.id ?? "");
  const [settings, setSettings] = useState<Typed>(typedOf(channel?.settings ?? {}));
  const [credentials, setCredentials] = useState<Typed>({});
  const [way, setWay] = useState(0);
  const [listings, setListings] = useState<ListingsMode>(channel?.listings ?? "all");
  const [drift, setDrift] = useState<DriftPolicy>(channel?.drift ?? "stockwire");
  const [rule, setRule] = useState<TypedRule>(typedRuleOf(channel?.rule));

  const [settingFields = []] = formsOf(kind.settings);
  const ways = formsOf(kind.credentials);
  const credentialFields = ways[way] ?? [];
  const sealed = valuesOf(credentialFields, credentials);
  const hasCredentials = Object.keys(sealed).length > 0;
  const isWaiting =
    id.trim() === "" ||
    missingIn(settingFields, settings).length > 0 ||
    ((channel === undefined || hasCredentials) && missingIn(credentialFields, credentials).length > 0);

  const submit = () =>
    action.run(async () => {
      const chosen = ruleOf(rule, channel?.rule);
      const body = {
        kind: kind.kind,
        settings: valuesOf(settingFields, settings),
        listings,
        drift,
        ...(chosen !== undefined && { rule: chosen }),
        ...(hasCredentials && { credentials: sealed }),
      };
      onDone(await ask<ChannelView>(path`/v1/channels/${id.trim()}`, { method: "PUT", body }));
    });
  const verb = channel === undefined ? "Connect" : "Save";

  return (
    <div class="panel">
      <DialogForm action={action} verb={verb} isReady={!isWaiting} onSubmit={() => void submit()}>
        {channel === undefined && (
          <p>
            <strong>{kindWords(kind.kind).title}.</strong>{" "}
            <a href={addressOf(["connect"])}>Choose another kind</a>
          </p>
        )}
        {channel === undefined && (
          <TextField
            label="Name of the channel"
            hint="Letters, digits, - and _. It is part of addresses and of the ledger, and stays."
            value={id}
            error={faultOf(action.error, "/path/id")}
            onValue={setId}
          />
        )}
        <SchemaFields
          fields={settingFields}
          typed={settings}
          onTyped={setSettings}
          faultOf={(name) => faultOf(action.error, `/settings/${name}`)}
        />
        {ways.length > 1 && (
          <ChoiceField
            label="How to sign in"
            value={String(way)}
            options={ways.map((fields, index) => [
              String(index),
              fields.map(({ label }) => label).join(", "),
            ])}
            onValue={(value) => setWay(Number(value))}
          />
        )}
        {channel?.hasCredentials === true && (
          <p class="hint">Credentials are stored. Leave these empty to keep them.</p>
        )}
        <SchemaFields
          fields={credentialFields}
          typed={credentials}
          onTyped={setCredentials}
          isSecret
          faultOf={(name) => faultOf(action.error, `/credentials/${name}`)}
        />
        <ChoiceField
          label="What it shows"
          value={listings}
          options={listingChoices}
          onValue={(value) => setListings(value === "listed" ? "listed" : "all")}
        />
        <RuleFields typed={rule} onTyped={setRule} />
        <ChoiceField
          label="If it shows another number than it was told"
          value={drift}
          options={driftChoices}
          onValue={(value) => setDrift(driftChoices.find(([name]) => name === value)?.[0] ?? "stockwire")}
        />
      </DialogForm>
    </div>
  );
}

/** What the API says of one field. */
function faultOf(error: ApiError | undefined, pointer: string): string | undefined {
  return error?.fields.find((field) => field.pointer === pointer)?.detail;
}
