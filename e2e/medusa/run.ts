import { runScenario } from "../lib/scenario.ts";
import { startMedusa } from "./shop.ts";

process.exitCode = await runScenario(startMedusa);
