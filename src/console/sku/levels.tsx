import type { StockView } from "../../protocol/stock.ts";
import { addressOf } from "../route.ts";
import { Quantity } from "../parts/quantity.tsx";
import { Table } from "../parts/table.tsx";

/** What is where. */
export function Levels({ stock }: { stock: StockView }) {
  if (stock.components !== undefined) return <Components components={stock.components} />;
  return (
    <Table label="Levels by location">
      <thead>
        <tr>
          <th scope="col">Location</th>
          {["Available", "On hand", "Committed", "Reserved", "Unavailable", "Incoming"].map((name) => (
            <th key={name} scope="col" class="number">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {stock.locations.map((level) => (
          <tr key={level.location}>
            <th scope="row">{level.location}</th>
            <td class="number strong">
              <Quantity value={level.available} />
            </td>
            {[level.onHand, level.committed, level.reserved, level.unavailable, level.incoming].map(
              (value, index) => (
                <td key={index} class="number">
                  <Quantity value={value} dim />
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function Components({ components }: { components: NonNullable<StockView["components"]> }) {
  return (
    <Table label="Made of">
      <thead>
        <tr>
          <th scope="col">Component</th>
          <th scope="col" class="number">
            In one kit
          </th>
        </tr>
      </thead>
      <tbody>
        {components.map(({ sku, quantity }) => (
          <tr key={sku}>
            <th scope="row">
              <a class="mono" href={addressOf(["skus", sku])}>
                {sku}
              </a>
            </th>
            <td class="number">{quantity}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
