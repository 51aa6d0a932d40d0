import type { ComponentType } from "preact";
import { useState } from "preact/hooks";
import type { MutationAnswer, Reservation } from "../../client/types.ts";
import { announce } from "../announce.ts";
import { mutate, path } from "../api.ts";
import { count, units } from "../format.ts";
import { line } from "../live.ts";
import { Dialog, DialogForm } from "../parts/dialog.tsx";
import { NumberField, TextField, wholeNumber } from "../parts/field.tsx";
import { useAction } from "../use-action.ts";
import { type DialogProps, given } from "./dialog-parts.tsx";
import { AdjustDialog, CountDialog, TransferDialog } from "./level-dialogs.tsx";

/** What can be done with a SKU, by the word on its button. */
export const skuDialogs: readonly (readonly [verb: string, Dialog: ComponentType<DialogProps>])[] = [
  ["Adjust", AdjustDialog],
  ["Count", CountDialog],
  ["Transfer", TransferDialog],
  ["Reserve", ReserveDialog],
  ["Settings", SettingsDialog],
];

function ReserveDialog({ stock, onClose }: DialogProps) {
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
      const held = await mutate<Reservation>({ path: path`/v1/reservations`, body }, attempt);
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

function SettingsDialog({ stock, onClose }: DialogProps) {
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
      const address = path`/v1/skus/${stock.sku}`;
      line.take((await mutate<MutationAnswer>({ path: address, method: "PUT", body }, attempt)).stock);
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
