import { useState } from "preact/hooks";
import type { Key, NewKey, Scope } from "../../client/types.ts";
import { announce } from "../announce.ts";
import { ask, path } from "../api.ts";
import { Ago } from "../parts/ago.tsx";
import { Dialog, DialogForm } from "../parts/dialog.tsx";
import { TextField } from "../parts/field.tsx";
import { Once } from "../parts/once.tsx";
import { Empty, Failure, Loading, Stale } from "../parts/states.tsx";
import { Mark } from "../parts/status.tsx";
import { Table } from "../parts/table.tsx";
import { useResource } from "../resource.ts";
import { session } from "../session.ts";
import { useAction } from "../use-action.ts";

const scopes: readonly (readonly [Scope, string])[] = [
  ["stock:read", "read stock, reservations and the ledger; watch"],
  ["stock:write", "change stock, reservations and orders"],
  ["channels:manage", "connect, change and read channels"],
  ["metrics:read", "read /metrics, and nothing else"],
  ["admin", "everything, keys and dead letters too"],
];

/** API keys: who has one, what it may do, and making and revoking them. */
export function Page() {
  const keys = useResource("keys", (signal) => ask<{ items: Key[] }>("/v1/keys", { signal }));
  const { value, error, reload } = keys;
  const [isMaking, setIsMaking] = useState(false);
  const [revoking, setRevoking] = useState<Key>();
  return (
    <section class="page">
      <div class="page-head">
        <h1 tabIndex={-1}>API keys</h1>
        <div class="page-head-actions">
          <button type="button" class="primary" onClick={() => setIsMaking(true)}>
            Make a key
          </button>
        </div>
      </div>
      <p class="page-lead">
        Every program gets a key of its own, with no more scopes than it needs. A revoked key is refused
        everywhere within 5 seconds.
      </p>
      {value === undefined ? (
        error === undefined ? (
          <Loading rows={4} label="Loading keys" />
        ) : (
          <Failure error={error} retry={reload} />
        )
      ) : value.items.length === 0 ? (
        <Empty title="No key yet">
          <p>Only the admin key is in use. Make one for each program that talks to Stockwire.</p>
        </Empty>
      ) : (
        <>
          <Stale error={error} retry={reload} />
          <List keys={value.items} onRevoke={setRevoking} />
        </>
      )}
      {isMaking && <MakeDialog onMade={reload} onClose={() => setIsMaking(false)} />}
      {revoking !== undefined && (
        <RevokeDialog subject={revoking} onDone={reload} onClose={() => setRevoking(undefined)} />
      )}
    </section>
  );
}

function List({ keys, onRevoke }: { keys: readonly Key[]; onRevoke: (key: Key) => void }) {
  return (
    <div class="panel">
      <Table label="API keys">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">State</th>
            <th scope="col">Scopes</th>
            <th scope="col">Pages</th>
            <th scope="col">Made</th>
            <th scope="col">
              <span class="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <tr key={key.id}>
              <th scope="row">
                {key.name} <span class="muted mono">{key.id}</span>
              </th>
              <td>
                <Mark tone={key.revokedAt === undefined ? "good" : "quiet"}>
                  {key.revokedAt === undefined ? "In use" : "Revoked"}
                </Mark>
              </td>
              <td>{key.scopes.join(", ")}</td>
              <td>{key.origins?.join(", ")}</td>
              <td>
                <Ago at={key.createdAt} />
              </td>
              <td class="row-actions">
                {key.revokedAt === undefined && (
                  <button type="button" aria-label={`Revoke ${key.name}`} onClick={() => onRevoke(key)}>
                    Revoke
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  );
}

function MakeDialog({ onMade, onClose }: { onMade: () => void; onClose: () => void }) {
  const action = useAction();
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<readonly Scope[]>(["stock:read"]);
  const [origins, setOrigins] = useState("");
  const [made, setMade] = useState<NewKey>();
  const pages = origins.split(/[\s,]+/).filter((origin) => origin !== "");
  const submit = () =>
    action.run(async () => {
      const body = { name: name.trim(), scopes: chosen, ...(pages.length > 0 && { origins: pages }) };
      setMade(await ask<NewKey>("/v1/keys", { method: "POST", body }));
      onMade();
    });
  if (made !== undefined) {
    return (
      <Dialog title={`Key for ${made.name}`} onClose={onClose}>
        <Once
          label="API key"
          words="It is shown this once; only its digest is kept. Copy it to where it is used."
          value={made.key}
        />
      </Dialog>
    );
  }
  return (
    <Dialog title="Make a key" onClose={onClose}>
      <DialogForm
        action={action}
        verb="Make the key"
        isReady={name.trim() !== "" && chosen.length > 0}
        onSubmit={() => void submit()}
      >
        <TextField label="What it is for" value={name} onValue={setName} />
        <fieldset class="choices">
          <legend class="field-label">It may</legend>
          {scopes.map(([scope, words]) => (
            <label key={scope} class="choice">
              <input
                type="checkbox"
                checked={chosen.includes(scope)}
                onChange={(event) => {
                  const others = chosen.filter((one) => one !== scope);
                  setChosen(event.currentTarget.checked ? [...others, scope] : others);
                }}
              />
              <span>
                <strong>{scope}</strong> <span class="muted">{words}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <TextField
          label="Pages it may stand in (optional)"
          hint="Origins such as https://shop.example. The key is then publishable: it reads stock and nothing else."
          value={origins}
          onValue={setOrigins}
        />
      </DialogForm>
    </Dialog>
  );
}

interface RevokeProps {
  readonly subject: Key;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

function RevokeDialog({ subject, onDone, onClose }: RevokeProps) {
  const action = useAction();
  const isOwn = subject.id === session.value?.id;
  const revoke = () =>
    action.run(async () => {
      await ask(path`/v1/keys/${subject.id}`, { method: "DELETE" });
      announce(`${subject.name} is revoked.`);
      onDone();
      onClose();
    });
  return (
    <Dialog title={`Revoke ${subject.name}`} onClose={onClose}>
      <DialogForm action={action} verb="Revoke" isDanger onSubmit={() => void revoke()}>
        <p>Whoever uses it is refused within 5 seconds. This cannot be taken back.</p>
        {isOwn && <p class="notice notice-warning">This is the key you are signed in with.</p>}
      </DialogForm>
    </Dialog>
  );
}
