import { useEffect, useState } from "preact/hooks";
import { syncGapCharts } from "../../lab/sync-gap-charts.ts";
import { claimRows } from "../../lab/sync-gap-claims.ts";
import { growthRows, summaryRows } from "../../lab/sync-gap-text.ts";
import { SyncGapReport } from "../../protocol/sync-gap.ts";
import { count } from "../format.ts";
import { measureHere } from "../measured-here.ts";
import { type MeasuredHere, rowHere } from "../row-here.ts";
import { Field, NumberField } from "../parts/field.tsx";
import { LabChart } from "../parts/lab-chart.tsx";
import { Empty, Loading } from "../parts/states.tsx";
import { RowsTable } from "../parts/table.tsx";
import { useResource } from "../resource.ts";
import { may, session } from "../session.ts";
import { labDayOf, labFields, labStandard } from "../sync-gap-form.ts";
import { type Lab, useLab } from "../use-lab.ts";

/** The same day of orders under polling and under Stockwire, reckoned here; what was measured is told apart. */
export function Page() {
  const lab = useLab();
  const [typed, setTyped] = useState(labStandard);
  const { day, faults } = labDayOf(typed);
  useEffect(() => {
    if (day !== undefined) lab.sell(day);
  }, []);
  return (
    <section class="page">
      <div class="page-head">
        <h1 tabIndex={-1}>Sync-gap lab</h1>
      </div>
      <p class="page-lead">
        One day of orders, sold on the same channels under polling every 15 minutes and under polling every
        minute. Polling is reckoned in virtual time, in this page. Stockwire is not reckoned but measured.
      </p>
      <div class="lab">
        <form
          class="panel form"
          aria-label="The day"
          onSubmit={(event) => {
            event.preventDefault();
            if (day !== undefined) lab.sell(day);
          }}
        >
          {labFields.map(({ name, label, hint }) => (
            <NumberField
              key={name}
              label={label}
              hint={hint}
              value={typed[name]}
              error={faults[name]}
              onValue={(value) => setTyped({ ...typed, [name]: value })}
            />
          ))}
          <button type="submit" class="primary" disabled={day === undefined}>
            {lab.isReckoning ? "Selling the day" : "Sell the day"}
          </button>
          <ReportField show={lab.show} />
        </form>
        <Answer lab={lab} />
      </div>
    </section>
  );
}

/** Reads a report that the command has written, with Stockwire's own row measured on that day. */
function ReportField({ show }: { show: Lab["show"] }) {
  const [fault, setFault] = useState<string>();
  const read = async (file: File | undefined) => {
    if (file === undefined) return;
    try {
      show(SyncGapReport.parse(JSON.parse(await file.text())));
      setFault(undefined);
    } catch {
      setFault(`${file.name} is not a report of the sync-gap lab`);
    }
  };
  return (
    <Field
      label="Or open a report"
      hint="The file that npm run sync-gap -- --json FILE writes. It is read here and sent nowhere."
      error={fault}
    >
      {(attributes) => (
        <input
          {...attributes}
          type="file"
          accept=".json,application/json"
          onChange={(event) => void read(event.currentTarget.files?.[0])}
        />
      )}
    </Field>
  );
}

function Answer({ lab: { report, isReckoning, hasFailed } }: { lab: Lab }) {
  if (hasFailed)
    return (
      <Empty title="The day could not be sold">
        <p>The browser ended it. Try a smaller one.</p>
      </Empty>
    );
  if (report === undefined) return <Loading rows={8} label="Selling the day" />;
  const isRun = report.results.some(({ how }) => how === "measured");
  const { stream } = report;
  return (
    <div class="lab-answer" aria-busy={isReckoning}>
      <div class="panel">
        <h2>
          What came of it <span class="muted legend">{stream.source}</span>
        </h2>
        <p class="hint" role="status">
          {count(stream.orders)} orders of {count(stream.skus)} SKUs on {count(stream.channels)} channels in{" "}
          {stream.hours.toFixed(1)} h, {count(stream.units)} units wanted.
        </p>
        {isRun ? (
          <RowsTable label="What came of it" rows={summaryRows(report)} />
        ) : may("channels:manage") ? (
          <WithThisService report={report} />
        ) : (
          <>
            <RowsTable label="What came of it" rows={[...summaryRows(report), rowHere(undefined)]} />
            <p class="hint">
              {session.value === undefined
                ? "Signed in with a key that may manage channels, you see how fast the channels of this service are told."
                : "With the scope channels:manage you see how fast the channels of this service are told."}{" "}
              <HowToMeasure />
            </p>
          </>
        )}
      </div>
      <div class="panel">
        <h2>The argument about polling, beside what came out</h2>
        <RowsTable label="Claims" rows={claimRows(report)} cells="words" />
      </div>
      {syncGapCharts(report).map((chart) => (
        <LabChart key={chart.title} chart={chart} />
      ))}
      <div class="panel">
        <h2>As the shop grows</h2>
        <RowsTable label="As the shop grows" rows={growthRows(report)} />
      </div>
    </div>
  );
}

/** The table with a row of what the channels of this service did lately: not on this day of orders, so no more than that. */
function WithThisService({ report }: { report: SyncGapReport }) {
  const { value, error } = useResource<MeasuredHere>("measured here", measureHere);
  return (
    <>
      <RowsTable label="What came of it" rows={[...summaryRows(report), rowHere(value)]} />
      <p class="hint">
        {value === undefined
          ? (error?.message ?? "The channels of this service are being asked.")
          : value.latency.count === 0
            ? "No channel of this service has been told anything lately."
            : `Stockwire’s times are of the last ${count(value.latency.count)} publications of this service on ${count(value.channels)} channels, from the change of stock to the channel’s answer.`}{" "}
        <HowToMeasure />
      </p>
    </>
  );
}

function HowToMeasure() {
  return (
    <>
      What Stockwire does on this very day is measured by <code>npm run sync-gap</code>, which sells it for
      real on a service of its own; its report can be opened here.
    </>
  );
}
