import type { ComponentType } from "preact";
import { useState } from "preact/hooks";
import type { MutationAnswer, ReservationView } from "../../protocol/answers.ts";
import type { Reason } from "../../protocol/primitives.ts";
import type { StockView } from "../../protocol/stock.ts";
import type { z } from "zod";
import { announce } from "../announce.ts";
import { pathOf } from "../api.ts";
import { change, count, units } from "../format.ts";
import { line } from "../live.ts";
import { mutate } from "../mutate.ts";
import { Dialog, DialogForm } from "../parts/dialog.tsx";
import { ChoiceField, NumberField, TextField, wholeNumber } from "../parts/field.tsx";
import { reasonWords } from "../story.ts";
import { useAction } from "../use-action.ts";

export interface DialogProps {
  /** As the page has it: what it shows is what a count is checked against. */
  readonly stock: StockView;
  readonly onClose: () => void;
}

type Answer = z.infer<typeof MutationAnswer>;

/** Reasons a person gives; those of counts and transfers are given by these. */
const reasons = Object.entries(reasonWords).filter(([reason]) => reason !== "count" && reason !== "transfer");

export function AdjustDialog({ stock, onClose }: DialogProps) {
  const action = useAction();
  const [delta, setDelta] = useState("");
  const [reason, setReason] = useState<string>("received");
  const [location, setLocation] = useState(firstLocation(stock));
  const [reference, setReference] = useState("");
  const by = wholeNumber(delta);
  const isReady = by !== undefined && by !== 0 && location !== "";
  const submit = () =>
    action.run(async (attempt) => {
      const body = { delta: by, reason: reason as Reason, location, ...given({ reference }) };
      const path = pathOf("skus", stock.sku, "adjustments");
      line.take((await mutate<Answer>({ path, body }, attempt)).stock);
      announce(`${stock.sku}: ${change(by ?? 0)} at ${location}.`);
      onClose();
    });
  return (
    <Dialog title={`Adjust ${stock.sku}`} onClose={onClose}>
      <DialogForm action={action} verb="Adjust" isReady={isReady} onSubmit={() => void submit()}>
        <NumberField
          label="Change on hand by"
          hint={`+5 adds, -5 takes away. On hand at ${location}: ${count(onHandAt(stock, location))}.`}
          value={delta}
          onValue={setDelta}
        />
        <ChoiceField label="Reason" value={reason} options={reasons} onValue={setReason} />
        <LocationField label="Location" stock={stock} value={location} onValue={setLocation} />
        <TextField label="Reference (optional)" value={reference} onValue={setReference} />
      </DialogForm>
    </Dialog>
  );
}

export function CountDialog({ stock, onClose }: DialogProps) {
  const action = useAction();
  const [onHand, setOnHand] = useState("");
  const [location, setLocation] = useState(firstLocation(stock));
  const [seen, setSeen] = useState({ epoch: stock.epoch, version: stock.version });
  const counted = wholeNumber(onHand);
  const isReady = counted !== undefined && counted >= 0 && location !== "";
  const hasChanged = seen.version !== stock.version || seen.epoch !== stock.epoch;
  const submit = () =>
    action.run(async (attempt) => {
      const path = pathOf("skus", stock.sku, "levels", location);
      const ifMatch = `"${seen.epoch}.${seen.version}"`;
      const body = { onHand: counted };
      line.take((await mutate<Answer>({ path, method: "PUT", body, ifMatch }, attempt)).stock);
      announce(`${stock.sku}: ${count(counted ?? 0)} counted at ${location}.`);
      onClose();
    });
  return (
    <Dialog title={`Count ${stock.sku}`} onClose={onClose}>
      <DialogForm action={action} verb="Record the count" isReady={isReady} onSubmit={() => void submit()}>
        <LocationField label="Location" stock={stock} value={location} onValue={setLocation} />
        <NumberField
          label="Units that are there"
          hint={`On hand by the ledger: ${count(onHandAt(stock, location))}. A count overwrites it.`}
          value={onHand}
          onValue={setOnHand}
        />
        {hasChanged && (
          <p class="notice notice-warning" role="status">
            <span>The stock has changed since you opened this. Check that your count still holds.</span>
            <button
              type="button"
              onClick={() => {
                setSeen({ epoch: stock.epoch, version: stock.version });
                action.clear();
              }}
            >
              It holds
            </button>
          </p>
        )}
      </DialogForm>
    </Dialog>
  );
}

export function TransferDialog({ stock, onClose }: DialogProps) {
  const action = useAction();
  const [from, setFrom] = useState(firstLocation(stock));
  const [to, setTo] = useState(stock.locations[1]?.location ?? "");
  const [text, setText] = useState("");
  const quantity = wholeNumber(text);
  const isReady = quantity !== undefined && quantity > 0 && from !== "" && to !== "" && from !== to;
  const submit = () =>
    action.run(async (attempt) => {
      const path = pathOf("skus", stock.sku, "transfers");
      line.take((await mutate<Answer>({ path, body: { from, to, quantity } }, attempt)).stock);
      announce(`${units(quantity ?? 0)} of ${stock.sku} moved to ${to}.`);
      onClose();
    });
  return (
    <Dialog title={`Transfer ${stock.sku}`} onClose={onClose}>
      <DialogForm action={action} verb="Transfer" isReady={isReady} onSubmit={() => void submit()}>
        <LocationField label="From" stock={stock} value={from} onValue={setFrom} />
        <LocationField label="To" stock={stock} value={to} onValue={setTo} />
        <NumberField
          label="Units"
          hint={`Available at ${from || "the first"}: ${count(availableAt(stock, from))}. Units that somebody was promised stay.`}
          value={text}
          onValue={setText}
        />
      </DialogForm>
    </Dialog>
  );
}

export function ReserveDialog({ stock, onClose }: DialogProps) {
  const action = useAction();
  const [text, setText] = useState("1");
  const [minutes, setMinutes] = useState("15");
  const [reference, setReference] = useState("");
  const quantity = wholeNumber(text);
  const ttlSeconds = (wholeNumber(minutes) ?? 0) * 60;
  const isReady = quantity !== undefined && quantity > 0 && ttlSeconds > 0 && ttlSeconds <= 86_400;
  const submit = () =>
    action.run(async (attempt) => {
      const body = { lines: [{ sku: stock.sku, quantity }], ttlSeconds, ...given({ reference }) };
      const held = await mutate<z.infer<typeof ReservationView>>(
        { path: pathOf("reservations"), body },
        attempt,
      );
      if (held.stock !== undefined) line.take(held.stock);
      announce(`${units(quantity ?? 0)} of ${stock.sku} reserved for ${minutes} min.`);
      onClose();
    });
  return (
    <Dialog title={`Reserve ${stock.sku}`} onClose={onClose}>
      <DialogForm action={action} verb="Reserve" isReady={isReady} onSubmit={() => void submit()}>
        <NumberField
          label="Units"
          hint={`Available: ${count(stock.available)}.`}
          value={text}
          onValue={setText}
        />
        <NumberField
          label="For how many minutes"
          hint="At most 1,440, which is a day. Then the units are available again by themselves."
          value={minutes}
          onValue={setMinutes}
        />
        <TextField label="For whom (optional)" value={reference} onValue={setReference} />
      </DialogForm>
    </Dialog>
  );
}

export function SettingsDialog({ stock, onClose }: DialogProps) {
  const action = useAction();
  const [title, setTitle] = useState(stock.title ?? "");
  const [lowStockAt, setLowStockAt] = useState(String(stock.lowStockAt ?? 0));
  const [safetyStock, setSafetyStock] = useState(String(stock.safetyStock));
  const [backorderLimit, setBackorderLimit] = useState(String(stock.backorderLimit ?? 0));
  const numbers = { lowStockAt, safetyStock, backorderLimit };
  const settings = Object.fromEntries(
    Object.entries(numbers).map(([name, text]) => [name, wholeNumber(text)]),
  );
  const isReady = Object.values(settings).every((value) => value !== undefined && value >= 0);
  const submit = () =>
    action.run(async (attempt) => {
      const body = { ...settings, ...given({ title }) };
      const path = pathOf("skus", stock.sku);
      line.take((await mutate<Answer>({ path, method: "PUT", body }, attempt)).stock);
      announce(`Settings of ${stock.sku} saved.`);
      onClose();
    });
  return (
    <Dialog title={`Settings of ${stock.sku}`} onClose={onClose}>
      <DialogForm action={action} verb="Save" isReady={isReady} onSubmit={() => void submit()}>
        <TextField label="Title" value={title} onValue={setTitle} />
        <NumberField
          label="Low at"
          hint="At so many available units or fewer, the status is low."
          value={lowStockAt}
          onValue={setLowStockAt}
        />
        <NumberField
          label="Safety stock"
          hint="Units kept back on purpose: never available."
          value={safetyStock}
          onValue={setSafetyStock}
        />
        <NumberField
          label="Backorder limit"
          hint="Units that may be sold beyond what is there."
          value={backorderLimit}
          onValue={setBackorderLimit}
        />
      </DialogForm>
    </Dialog>
  );
}

/** What can be done with a SKU, by the word on its button. */
export const skuDialogs: readonly (readonly [verb: string, Dialog: ComponentType<DialogProps>])[] = [
  ["Adjust", AdjustDialog],
  ["Count", CountDialog],
  ["Transfer", TransferDialog],
  ["Reserve", ReserveDialog],
  ["Settings", SettingsDialog],
];

interface LocationProps {
  readonly label: string;
  readonly stock: StockView;
  readonly value: string;
  readonly onValue: (value: string) => void;
}

function LocationField({ stock, ...field }: LocationProps) {
  return <TextField {...field} suggestions={stock.locations.map(({ location }) => location)} />;
}

function firstLocation({ locations }: StockView): string {
  return (
    locations.find(({ location }) => location === "default")?.location ?? locations[0]?.location ?? "default"
  );
}

function onHandAt({ locations }: StockView, name: string): number {
  return locations.find(({ location }) => location === name)?.onHand ?? 0;
}

function availableAt({ locations }: StockView, name: string): number {
  return locations.find(({ location }) => location === name)?.available ?? 0;
}

/** Fields that were filled in. */
function given(fields: Readonly<Record<string, string>>): Record<string, string> {
  const filled = Object.entries(fields).map(([name, text]) => [name, text.trim()] as const);
  return Object.fromEntries(filled.filter(([, text]) => text !== ""));
}
