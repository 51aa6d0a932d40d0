import { useMemo, useRef, useState } from "preact/hooks";
import { computeLeakage } from "../../lab/leakage.ts";
import { leakageChart } from "../../lab/leakage-chart.ts";
import { amountsOf, intervalRows, leakageRows, pushedRows } from "../../lab/leakage-text.ts";
import type { LeakageAnswer, LeakageRequest } from "../../protocol/leakage.ts";
import { leakageFields, leakageRequestOf, type LeakageTyped, typedStandard } from "../leakage-form.ts";
import type { PageProps } from "../page.ts";
import { NumberField, TextField } from "../parts/field.tsx";
import { LabChart } from "../parts/lab-chart.tsx";
import { RowsTable } from "../parts/table.tsx";
import { refine } from "../place.ts";

/** What a shop loses because it polls, reckoned here as one types. What was typed stands in the address. */
export function Page({ query }: PageProps) {
  const [typed, setTyped] = useState<LeakageTyped>(() => ({ ...typedStandard, ...query }));
  const { request, faults } = useMemo(() => leakageRequestOf(typed), [typed]);
  const last = useRef(request ?? leakageRequestOf(typedStandard).request);
  if (request !== undefined) last.current = request;
  const type = (name: keyof LeakageTyped, value: string) => {
    setTyped({ ...typed, [name]: value });
    refine({ [name]: value === typedStandard[name] ? "" : value });
  };
  return (
    <section class="page">
      <div class="page-head">
        <h1 tabIndex={-1}>Leakage calculator</h1>
      </div>
      <p class="page-lead">
        A shop that polls learns of a sale on one channel only at the next poll. Until then the other channels
        sell from a stale number, and now and then a unit that is gone. This is what that costs.
      </p>
      <div class="lab">
        <form class="panel form" aria-label="The shop" onSubmit={(event) => event.preventDefault()}>
          {leakageFields.map(({ name, label, hint }) => (
            <NumberField
              key={name}
              label={label}
              hint={hint}
              value={typed[name]}
              error={faults[name]}
              onValue={(value) => type(name, value)}
            />
          ))}
          <TextField
            label="Currency (optional)"
            hint="Three letters, such as EUR: amounts are rounded to its smallest unit."
            value={typed.currency}
            error={faults.currency}
            onValue={(value) => type("currency", value)}
          />
        </form>
        {last.current !== undefined && <Loss request={last.current} isStale={request === undefined} />}
      </div>
    </section>
  );
}

function Loss({ request, isStale }: { request: LeakageRequest; isStale: boolean }) {
  const { answer, chart } = useMemo(() => {
    const computed = computeLeakage(request);
    return { answer: computed, chart: leakageChart(request, computed) };
  }, [request]);
  return (
    <div class="lab-answer">
      {isStale && (
        <p class="notice notice-warning">These figures are of what was typed before it was wrong.</p>
      )}
      <Figures answer={answer} />
      {answer.notes.map((note) => (
        <p key={note} class="notice">
          {`${note.charAt(0).toUpperCase()}${note.slice(1)}.`}
        </p>
      ))}
      <LabChart
        chart={chart}
        says={`${amountsOf(answer)(answer.dailyLeakageUnrounded)} a day at this shop's`}
      />
      <div class="panel">
        <h2>How it is reckoned</h2>
        <RowsTable label="What polling costs" rows={leakageRows(answer)} />
        <h2>What pushing each change leaves</h2>
        <RowsTable label="What pushing each change leaves" rows={pushedRows(answer)} />
        <p class="hint">
          The oversell rate is taken to be in proportion to the time in which a number is stale. Orders that
          are reserved first cannot oversell at all.
        </p>
        <details class="more">
          <summary>At other intervals</summary>
          <RowsTable label="At other intervals" rows={intervalRows(request, answer)} />
          <p class="hint">* the interval of this shop. All of these count orders as they are.</p>
        </details>
      </div>
    </div>
  );
}

function Figures({ answer }: { answer: LeakageAnswer }) {
  const amount = amountsOf(answer);
  const figures: readonly (readonly [string, number])[] = [
    ["Lost a year", answer.yearlyLeakage],
    ["Lost a day, unrounded", answer.dailyLeakageUnrounded],
    ["Lost by an oversell", answer.lossPerOversell],
    ["Left a day, if pushed", answer.eventDriven.dailyLeakage],
  ];
  return (
    <dl class="figures">
      <div class="figure figure-main">
        <dt>Lost a day</dt>
        <dd>
          <output>{amount(answer.dailyLeakage)}</output>
        </dd>
      </div>
      {figures.map(([name, value]) => (
        <div key={name} class="figure">
          <dt>{name}</dt>
          <dd>{amount(value)}</dd>
        </div>
      ))}
    </dl>
  );
}
