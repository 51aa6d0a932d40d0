import type { StockView } from "../../protocol/stock.ts";
import { ask } from "../api.ts";
import { useLater } from "../later.ts";
import { useResource } from "../resource.ts";
import { TextField } from "./field.tsx";

const pauseMs = 200;

/** A SKU, with those offered that contain what was typed. */
export function SkuField(props: { label: string; value: string; onValue: (sku: string) => void }) {
  const query = useLater(props.value.trim(), pauseMs);
  const { value } = useResource(query, (signal) =>
    ask<{ items: StockView[] }>("/v1/skus", { query: { query, limit: 12 }, signal }),
  );
  return <TextField {...props} suggestions={(value?.items ?? []).map(({ sku }) => sku)} />;
}
